//! Raw tables.
