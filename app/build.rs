//! Joins the stylesheets, names them and the script after their content, and hands both to the crate.

// The same joining is done live in debug builds.
#[path = "src/assets/join.rs"]
mod join;

use std::path::Path;
use std::{env, fs, io};

use sha2::{Digest, Sha256};

fn main() -> io::Result<()> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("..");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    let out = Path::new(&out);
    let css = join::stylesheet(&root.join("style"))?;
    let js = join::script(&root.join("public"))?;
    let names = format!(
        "pub(super) const STYLESHEET: &str = \"verdict.{}.css\";\npub(super) const SCRIPT: &str = \"verdict.{}.js\";\n",
        fingerprint(&css),
        fingerprint(&js),
    );
    fs::write(out.join("names.rs"), names)?;
    fs::write(out.join("verdict.css"), css)?;
    fs::write(out.join("verdict.js"), js)?;
    for watched in ["style", "public"] {
        println!("cargo::rerun-if-changed={}", root.join(watched).display());
    }
    println!("cargo::rerun-if-changed=src/assets/join.rs");
    Ok(())
}

/// The first 12 hex digits of the SHA-256.
fn fingerprint(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
