//! Many small stylesheets to one. The build script and the live reading of debug builds share this file.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

/// The cascade layers, weakest first; each is a folder of `style/`.
const LAYERS: [&str; 6] = ["reset", "base", "layout", "components", "pages", "utilities"];

/// All files of `style`, each folder wrapped in the layer of its name, without comments and indentation.
pub(crate) fn stylesheet(style: &Path) -> io::Result<String> {
    let mut css = format!("@layer {};\n", LAYERS.join(","));
    for layer in LAYERS {
        let mut inside = String::new();
        for file in files(&style.join(layer))? {
            inside.push_str(&squeeze(&fs::read_to_string(file)?));
        }
        if !inside.is_empty() {
            let _ = writeln!(css, "@layer {layer}{{\n{inside}}}");
        }
    }
    Ok(css)
}

/// The parts of the script, in their order: one module, so that they share what stands in the first.
pub(crate) fn script(public: &Path) -> io::Result<String> {
    Ok(["verdict.js", "labeling.js"]
        .map(|name| fs::read_to_string(public.join(name)))
        .into_iter()
        .collect::<io::Result<Vec<_>>>()?
        .join("\n"))
}

fn files(folder: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut files: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>()?;
    files.retain(|path| path.extension().is_some_and(|extension| extension == "css"));
    files.sort();
    Ok(files)
}

/// Without comments, indentation and empty lines. None of our strings holds a comment's opening.
fn squeeze(css: &str) -> String {
    let mut bare = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        bare.push_str(before);
        rest = after.split_once("*/").map_or("", |(_, after)| after);
    }
    bare.push_str(rest);
    let mut squeezed = String::with_capacity(bare.len());
    for line in bare.lines().map(str::trim).filter(|line| !line.is_empty()) {
        squeezed.push_str(line);
        squeezed.push('\n');
    }
    squeezed
}
