//! Facts at rest.
