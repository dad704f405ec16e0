//! The arrows of the house: who may know whom, and who may name which library. Read from the manifests.

#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use std::collections::BTreeMap;

use cargo_metadata::{DependencyKind, MetadataCommand};

/// Each crate with those of our own that it may depend on.
const ARROWS: [(&str, &[&str]); 8] = [
    ("domain", &[]),
    ("ml", &["domain"]),
    ("store", &["domain"]),
    ("simulate", &["domain"]),
    ("vision", &["domain", "ml"]),
    ("desk", &["domain", "ml", "store", "vision"]),
    ("app", &["desk", "domain"]),
    ("server", &["app", "desk", "domain", "simulate", "store"]),
];

/// Libraries that only the named crates may use.
const FENCES: [(&str, &[&str]); 8] = [
    ("sqlx", &["store"]),
    ("object_store", &["store"]),
    ("candle-core", &["ml"]),
    ("candle-nn", &["ml"]),
    ("image", &["vision"]),
    ("leptos", &["app", "server"]),
    ("axum", &["app", "server"]),
    ("argon2", &["desk"]),
];

fn dependencies() -> BTreeMap<String, Vec<String>> {
    let metadata = MetadataCommand::new().no_deps().exec().unwrap();
    let of = |package: &cargo_metadata::Package| {
        let normal = package.dependencies.iter().filter(|dependency| dependency.kind == DependencyKind::Normal);
        (package.name.to_string(), normal.map(|dependency| dependency.name.to_string()).collect())
    };
    metadata.packages.iter().map(of).collect()
}

#[test]
fn every_crate_is_in_the_drawing() {
    let drawn: Vec<String> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    for name in dependencies().keys() {
        assert!(drawn.contains(name), "`{name}` is a new room: say what it may know");
    }
}

#[test]
fn arrows_point_one_way() {
    let dependencies = dependencies();
    for (name, allowed) in ARROWS {
        let ours = dependencies[name].iter().filter(|other| dependencies.contains_key(*other));
        for other in ours {
            assert!(allowed.contains(&other.as_str()), "`{name}` may not know `{other}`");
        }
    }
}

#[test]
fn libraries_stay_behind_their_fences() {
    for (name, used) in dependencies() {
        for (library, allowed) in FENCES {
            let uses = used.iter().any(|other| other == library);
            assert!(!uses || allowed.contains(&name.as_str()), "`{name}` may not name `{library}`");
        }
    }
}
