//! Whether the conformance suite leaves anything out.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Set by Cargo for the run, so that it is right in a checkout that a reused build folder did not come from.
fn sources() -> PathBuf {
    PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap()).join("src")
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

fn is_test(path: &Path) -> bool {
    path.components().any(|part| part.as_os_str() == "tests") || path.file_stem().is_some_and(|name| name == "tests")
}

/// The methods of the public traits of a file.
fn methods(text: &str) -> BTreeSet<String> {
    let (mut methods, mut within) = (BTreeSet::new(), false);
    for line in text.lines() {
        if line.starts_with("pub trait ") {
            within = true;
        } else if line == "}" {
            within = false;
        } else if let Some(rest) = line.trim_start().strip_prefix("async fn ").filter(|_| within) {
            methods.insert(rest.split(['(', '<']).next().unwrap().to_owned());
        }
    }
    methods
}

/// Every method of every trait of the store is called by a test that runs on both engines.
#[test]
fn every_method_of_the_seam_is_in_the_suite() {
    let mut all = Vec::new();
    files(&sources(), &mut all);
    let read = |path: &PathBuf| fs::read_to_string(path).unwrap();
    let is_store = |path: &&PathBuf| path.strip_prefix(sources()).unwrap().starts_with("store") && !is_test(path);
    let seam: BTreeSet<String> = all.iter().filter(is_store).flat_map(|path| methods(&read(path))).collect();
    assert!(seam.len() > 60, "the seam was not found: {seam:?}");
    // A module of the suite, or one that makes its tests for both engines itself.
    let suite = sources().join("store").join("tests");
    let on_both = |path: &&PathBuf| is_test(path) && (path.starts_with(&suite) || read(path).contains("both_engines!"));
    let tests: String = all.iter().filter(on_both).map(read).collect();
    let missing: Vec<&String> = seam.iter().filter(|method| !tests.contains(&format!(".{method}("))).collect();
    assert!(missing.is_empty(), "no conformance test calls {missing:?}");
}
