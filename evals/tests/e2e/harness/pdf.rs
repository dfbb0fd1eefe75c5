//! What a PDF says and looks like, by the tools that everybody has.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All words of the file.
pub(crate) fn words_of(pdf: &[u8]) -> String {
    assert!(pdf.starts_with(b"%PDF-"), "no PDF");
    let folder = tempfile::tempdir().expect("making a temporary folder");
    let path = folder.path().join("paper.pdf");
    fs::write(&path, pdf).expect("writing the file");
    let output = Command::new("pdftotext").arg(&path).arg("-").output().expect("running pdftotext; `cargo xtask test` installs it");
    assert!(output.status.success() && output.stderr.is_empty(), "pdftotext: {output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Draws every page; kept where `PORTER_TEST_SHOTS` says. Gives the number of pages and asserts that none is blank.
pub(crate) fn pages_of(pdf: &[u8], name: &str) -> usize {
    let folder = tempfile::tempdir().expect("making a temporary folder");
    let path = folder.path().join("paper.pdf");
    fs::write(&path, pdf).expect("writing the file");
    let drawn = Command::new("pdftoppm").args(["-r", "110", "-png"]).arg(&path).arg(folder.path().join(name)).output();
    let drawn = drawn.expect("running pdftoppm; `cargo xtask test` installs it");
    assert!(drawn.status.success() && drawn.stderr.is_empty(), "pdftoppm: {drawn:?}");
    let pictures = pictures(folder.path());
    for picture in &pictures {
        assert!(fs::metadata(picture).expect("a picture").len() > 20_000, "a blank page: {}", picture.display());
        keep(picture);
    }
    pictures.len()
}

fn pictures(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).expect("listing a folder").flatten().map(|entry| entry.path());
    files.filter(|path| path.extension().is_some_and(|kind| kind == "png")).collect()
}

fn keep(picture: &Path) {
    let Some(folder) = std::env::var_os("PORTER_TEST_SHOTS").map(PathBuf::from) else { return };
    fs::create_dir_all(&folder).expect("making the folder for pictures");
    fs::copy(picture, folder.join(picture.file_name().expect("a name"))).expect("keeping a picture");
}
