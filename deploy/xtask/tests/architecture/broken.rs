//! Shows of each check that it can fail: a copy of the workspace is broken, and the check must
//! find just that.

use cargo_metadata::DependencyKind::{self, Build, Development, Normal};
use toml::Value;

use crate::{
    ACADEMY, ACTIONS, ARROWS, DESK, EMBEDDINGS, EVALS, FOLDERS, INHERITED, KERNEL, KNOWLEDGE_BASE, OWNERS, PORTER, TESTKIT, TRIAGE,
    XTASK, checks,
    workspace::{Crate, Dependency, Workspace},
};

impl Workspace {
    fn get_mut(&mut self, name: &str) -> &mut Crate {
        self.crates.iter_mut().find(|krate| krate.name == name).unwrap_or_else(|| panic!("no crate {name}"))
    }
}

/// What a check finds once the workspace is broken and did not find before.
fn found(check: impl Fn(&Workspace) -> Vec<String>, breakage: impl FnOnce(&mut Workspace)) -> Vec<String> {
    let mut workspace = Workspace::load();
    let before = check(&workspace);
    breakage(&mut workspace);
    check(&workspace).into_iter().filter(|violation| !before.contains(violation)).collect()
}

/// What a check finds once a crate has one more dependency.
fn found_with(check: impl Fn(&Workspace) -> Vec<String>, from: &str, to: &str, kind: DependencyKind) -> Vec<String> {
    found(check, |workspace| workspace.get_mut(from).dependencies.push(Dependency { name: to.to_owned(), kind }))
}

/// What the check of manifests finds once a crate's has other words.
fn found_in_manifest(name: &str, edit: impl FnOnce(&mut toml::Table)) -> Vec<String> {
    found(|workspace| checks::inheritance(workspace, INHERITED), |workspace| edit(&mut workspace.get_mut(name).manifest))
}

#[test]
fn an_arrow_that_no_row_allows() {
    for (from, to, kind) in [
        (KERNEL, EMBEDDINGS, Normal),
        (KERNEL, TESTKIT, Normal),
        (TESTKIT, DESK, Normal),
        (EMBEDDINGS, KNOWLEDGE_BASE, Normal),
        (KNOWLEDGE_BASE, ACTIONS, Development),
        (ACTIONS, EMBEDDINGS, Normal),
        (TRIAGE, KNOWLEDGE_BASE, Normal),
        (TRIAGE, DESK, Build),
        (DESK, EVALS, Development),
        (EVALS, PORTER, Development),
        (PORTER, XTASK, Normal),
        (XTASK, KERNEL, Development),
        (XTASK, TESTKIT, Development),
    ] {
        let violations = found_with(|workspace| checks::arrows(workspace, ARROWS), from, to, kind);
        let [violation] = violations.as_slice() else { panic!("{from} -> {to}: {violations:?}") };
        assert!(violation.starts_with(&format!("{from} -> {to} ({kind}): ")), "{violation}");
    }
}

#[test]
fn an_arrow_that_a_row_allows() {
    for (from, to, kind) in [
        (EMBEDDINGS, KERNEL, Normal),
        (EVALS, DESK, Normal),
        (PORTER, EVALS, Normal),
        (DESK, TESTKIT, Development),
        (KERNEL, "serde", Normal),
    ] {
        let violations = found_with(|workspace| checks::arrows(workspace, ARROWS), from, to, kind);
        assert!(violations.is_empty(), "{violations:?}");
    }
}

#[test]
fn a_crate_without_a_row_and_a_row_without_a_crate() {
    let violations = found(
        |workspace| checks::arrows(workspace, ARROWS),
        |workspace| {
            let krate = workspace.get_mut(XTASK);
            "newcomer".clone_into(&mut krate.name);
        },
    );
    assert_eq!(violations, ["xtask has a row of arrows, but is no crate of the workspace", "newcomer has no row of arrows"]);
}

#[test]
fn the_test_kit_in_the_product() {
    for (kind, count) in [(Normal, 1), (Build, 1), (Development, 0)] {
        let violations = found_with(|workspace| checks::only_in_tests(workspace, TESTKIT), PORTER, TESTKIT, kind);
        assert_eq!(violations.len(), count, "{violations:?}");
    }
}

#[test]
fn a_heavy_dependency_in_a_stranger() {
    for (krate, dependency, kind) in [
        (TRIAGE, "sqlx", Normal),
        (PORTER, "sqlx-core", Development),
        (DESK, "candle-nn", Normal),
        (EVALS, "tokenizers", Normal),
        (DESK, "qdrant-edge", Normal),
        (EVALS, "qdrant-client", Development),
        (TRIAGE, "axum", Normal),
        (DESK, "lettre", Normal),
        (ACADEMY, "krilla", Normal),
        (KERNEL, "mail-parser", Development),
        (KNOWLEDGE_BASE, "axum", Development),
        (DESK, "argon2", Normal),
        (TRIAGE, "reqwest", Development),
        (DESK, "reqwest", Build),
    ] {
        let violations = found_with(|workspace| checks::owners(workspace, OWNERS), krate, dependency, kind);
        let [violation] = violations.as_slice() else { panic!("{krate} -> {dependency}: {violations:?}") };
        assert!(violation.starts_with(&format!("{krate} -> {dependency} ({kind}), ")), "{violation}");
    }
}

#[test]
fn a_heavy_dependency_in_its_owner_and_a_like_name() {
    for (krate, dependency) in [(DESK, "sqlx"), (PORTER, "reqwest"), (EMBEDDINGS, "candle-onnx"), (ACTIONS, "axumatic")] {
        let violations = found_with(|workspace| checks::owners(workspace, OWNERS), krate, dependency, Normal);
        assert!(violations.is_empty(), "{violations:?}");
    }
}

#[test]
fn a_manifest_with_its_own_lints() {
    let violations = found_in_manifest(KERNEL, |manifest| {
        manifest.remove("lints");
    });
    assert_eq!(violations, ["porter-kernel: [lints] is not taken from the workspace"]);
}

#[test]
fn a_manifest_with_its_own_version_edition_or_licence() {
    for field in ["version", "edition", "license"] {
        let expected = [format!("porter-triage: package.{field} is not taken from the workspace")];
        for own in [Some(Value::from("2021")), None] {
            let violations = found_in_manifest(TRIAGE, |manifest| {
                let package = manifest.get_mut("package").and_then(Value::as_table_mut).expect("[package]");
                match own {
                    Some(value) => package.insert(field.to_owned(), value),
                    None => package.remove(field),
                };
            });
            assert_eq!(violations, expected);
        }
    }
}

#[test]
fn a_dependency_with_its_own_version() {
    for (text, expected) in [
        ("dependencies.own = '1'", "own in [dependencies]"),
        ("dependencies.own = { path = '../own' }", "own in [dependencies]"),
        ("dev-dependencies.own.workspace = false", "own in [dev-dependencies]"),
        ("build-dependencies.own = '1'", "own in [build-dependencies]"),
        ("target.'cfg(unix)'.dependencies.own = '1'", "own in [dependencies]"),
        ("target.x86_64-unknown-linux-gnu.dev-dependencies.own = '1'", "own in [dev-dependencies]"),
    ] {
        let violations = found_in_manifest(DESK, |manifest| manifest.extend(text.parse::<toml::Table>().expect("TOML")));
        assert_eq!(violations, [format!("porter-desk: {expected} is not taken from the workspace")], "{text}");
    }
}

#[test]
fn a_crate_in_another_folder() {
    for folder in ["", "crates/desk", "bots/desk"] {
        let violations = found(
            |workspace| checks::folders(workspace, FOLDERS),
            |workspace| folder.clone_into(&mut workspace.get_mut(DESK).folder),
        );
        let [violation] = violations.as_slice() else { panic!("{folder}: {violations:?}") };
        assert!(violation.starts_with(&format!("porter-desk lies in `{folder}`, ")), "{violation}");
    }
}
