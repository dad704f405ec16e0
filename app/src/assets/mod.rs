//! The stylesheet, the script and the icon: joined and named after their content at build time.
//!
//! A name holds a hash of what it names, so it may be kept for ever. Debug builds read from disk at every request, so
//! that a saved stylesheet shows after a reload without building anything.

#[cfg(debug_assertions)]
mod join;

use std::borrow::Cow;
use std::io::Write as _;
use std::sync::LazyLock;

mod built {
    include!(concat!(env!("OUT_DIR"), "/names.rs"));
    pub(super) const STYLESHEET_TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/verdict.css"));
    pub(super) const SCRIPT_TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/verdict.js"));
    pub(super) const FAVICON: &str = include_str!("../../../public/favicon.svg");
    pub(super) const ROBOTS: &str = include_str!("../../../public/robots.txt");
}

/// A file to serve.
#[derive(Clone, Debug)]
pub struct Asset {
    /// Its content.
    pub bytes: Cow<'static, [u8]>,
    /// For the `Content-Type` header.
    pub content_type: &'static str,
    /// For the `Cache-Control` header.
    pub cache_control: &'static str,
    /// The same content in brotli, in release builds.
    pub brotli: Option<&'static [u8]>,
    /// The same content in gzip, in release builds.
    pub gzip: Option<&'static [u8]>,
}

/// Address of the stylesheet.
#[must_use]
pub fn stylesheet_href() -> String {
    format!("/assets/{}", built::STYLESHEET)
}

/// Address of the script.
#[must_use]
pub fn script_href() -> String {
    format!("/assets/{}", built::SCRIPT)
}

/// The file called `name` under `/assets/`; `favicon.svg` and `robots.txt` are also known at the root.
#[must_use]
pub fn asset(name: &str) -> Option<Asset> {
    let file = File::ALL.into_iter().find(|file| file.name() == name)?;
    Some(if cfg!(debug_assertions) { file.live() } else { file.packed() })
}

#[derive(Clone, Copy)]
enum File {
    Stylesheet,
    Script,
    Favicon,
    Robots,
}

impl File {
    const ALL: [Self; 4] = [Self::Stylesheet, Self::Script, Self::Favicon, Self::Robots];

    fn name(self) -> &'static str {
        match self {
            Self::Stylesheet => built::STYLESHEET,
            Self::Script => built::SCRIPT,
            Self::Favicon => "favicon.svg",
            Self::Robots => "robots.txt",
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Stylesheet => "text/css; charset=utf-8",
            Self::Script => "text/javascript; charset=utf-8",
            Self::Favicon => "image/svg+xml",
            Self::Robots => "text/plain; charset=utf-8",
        }
    }

    fn cache_control(self) -> &'static str {
        match self {
            Self::Stylesheet | Self::Script => "public, max-age=31536000, immutable",
            Self::Favicon | Self::Robots => "public, max-age=86400",
        }
    }

    fn built(self) -> &'static str {
        match self {
            Self::Stylesheet => built::STYLESHEET_TEXT,
            Self::Script => built::SCRIPT_TEXT,
            Self::Favicon => built::FAVICON,
            Self::Robots => built::ROBOTS,
        }
    }

    fn packed(self) -> Asset {
        static PACKED: LazyLock<[Packed; 4]> = LazyLock::new(|| File::ALL.map(|file| Packed::of(file.built())));
        let packed = &PACKED[self as usize];
        Asset {
            bytes: Cow::Borrowed(self.built().as_bytes()),
            content_type: self.content_type(),
            cache_control: self.cache_control(),
            brotli: Some(&packed.brotli),
            gzip: Some(&packed.gzip),
        }
    }

    fn live(self) -> Asset {
        let text = self.read().map_or(Cow::Borrowed(self.built().as_bytes()), |text| Cow::Owned(text.into_bytes()));
        Asset { bytes: text, content_type: self.content_type(), cache_control: "no-cache", brotli: None, gzip: None }
    }

    #[cfg(debug_assertions)]
    fn read(self) -> Option<String> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        match self {
            Self::Stylesheet => join::stylesheet(&root.join("style")).ok(),
            Self::Script => join::script(&root.join("public")).ok(),
            Self::Favicon => std::fs::read_to_string(root.join("public/favicon.svg")).ok(),
            Self::Robots => std::fs::read_to_string(root.join("public/robots.txt")).ok(),
        }
    }

    #[cfg(not(debug_assertions))]
    fn read(self) -> Option<String> {
        None
    }
}

/// Compressed once, when the first page asks.
struct Packed {
    brotli: Vec<u8>,
    gzip: Vec<u8>,
}

impl Packed {
    fn of(text: &str) -> Self {
        Self { brotli: brotli(text.as_bytes()), gzip: gzip(text.as_bytes()) }
    }
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packer = brotli::CompressorWriter::new(Vec::new(), 4096, 11, 20);
    // Writing into a Vec cannot fail.
    let _ = packer.write_all(bytes);
    packer.into_inner()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let _ = packer.write_all(bytes);
    packer.finish().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_in_the_shell_names_a_file() {
        for href in [stylesheet_href(), script_href(), String::from("/assets/favicon.svg")] {
            let name = href.trim_start_matches("/assets/");
            assert!(asset(name).is_some_and(|asset| !asset.bytes.is_empty()), "{name}");
        }
        assert!(asset("../Cargo.toml").is_none());
    }

    #[test]
    fn what_is_sent_to_a_browser_stays_small() {
        let sum: usize = File::ALL.into_iter().map(|file| brotli(file.built().as_bytes()).len()).sum();
        let script = brotli(built::SCRIPT_TEXT.as_bytes()).len();
        assert!(script <= 10_000, "script: {script} bytes");
        assert!(sum <= 24_000, "all: {sum} bytes");
        assert!(gzip(built::SCRIPT_TEXT.as_bytes()).len() >= script);
    }

    #[test]
    fn the_stylesheet_has_its_layers_in_order_and_no_comment() {
        assert!(built::STYLESHEET_TEXT.starts_with("@layer reset,base,layout,components,pages,utilities;"));
        assert!(!built::STYLESHEET_TEXT.contains("/*"));
        assert_eq!(
            built::STYLESHEET_TEXT.matches('{').count(),
            built::STYLESHEET_TEXT.matches('}').count(),
            "unbalanced braces"
        );
    }
}
