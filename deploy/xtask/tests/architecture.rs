//! Holds the workspace to its design: who may depend on whom, who owns which heavy dependency,
//! where a crate may lie, and that versions and lints have one home. The rules are the tables
//! here; a new crate needs a row in [`ARROWS`].
#![expect(clippy::expect_used, clippy::panic, reason = "a test reports by panicking")]

#[path = "architecture/broken.rs"]
mod broken;
#[path = "architecture/checks.rs"]
mod checks;
#[path = "architecture/workspace.rs"]
mod workspace;

use checks::{Arrow, Owner};
use workspace::Workspace;

const KERNEL: &str = "porter-kernel";
const TESTKIT: &str = "porter-testkit";
const MAIL: &str = "porter-mail";
const DOCUMENTS: &str = "porter-documents";
const PAYMENTS: &str = "porter-payments";
const ACADEMY: &str = "porter-academy";
const EMBEDDINGS: &str = "porter-embeddings";
const HEADS: &str = "porter-heads";
const KNOWLEDGE_BASE: &str = "porter-knowledge-base";
const ACTIONS: &str = "porter-actions";
const TRIAGE: &str = "porter-triage";
const REPHRASE: &str = "porter-rephrase";
const DESK: &str = "porter-desk";
const EVALS: &str = "porter-evals";
const PORTER: &str = "porter";
const XTASK: &str = "xtask";

/// Which crates of the workspace a crate may depend on. Nothing else is allowed.
const ARROWS: &[Arrow] = &[
    Arrow { from: KERNEL, to: &[], in_tests: &[TESTKIT], reason: "all others stand on it" },
    Arrow { from: TESTKIT, to: &[KERNEL], in_tests: &[], reason: "it opens the kernel's pools, and no product code may need it" },
    Arrow { from: MAIL, to: &[KERNEL], in_tests: &[TESTKIT], reason: "it carries mail, and does not decide who gets any" },
    Arrow { from: DOCUMENTS, to: &[KERNEL], in_tests: &[], reason: "it draws what it is told" },
    Arrow {
        from: PAYMENTS,
        to: &[KERNEL],
        in_tests: &[TESTKIT],
        reason: "it moves money as it is told, and does not decide whose",
    },
    Arrow {
        from: ACADEMY,
        to: &[KERNEL, MAIL, DOCUMENTS, PAYMENTS],
        in_tests: &[TESTKIT],
        reason: "the LMS stands without the bot, and may be another product",
    },
    Arrow { from: EMBEDDINGS, to: &[KERNEL], in_tests: &[TESTKIT], reason: "text to vectors, whatever the text is" },
    Arrow { from: HEADS, to: &[], in_tests: &[], reason: "numbers in, numbers out" },
    Arrow {
        from: KNOWLEDGE_BASE,
        to: &[KERNEL, EMBEDDINGS, HEADS],
        in_tests: &[TESTKIT],
        reason: "finds passages, and knows nothing of tickets and people",
    },
    Arrow { from: ACTIONS, to: &[KERNEL], in_tests: &[TESTKIT], reason: "no model decides whether an action is safe" },
    Arrow {
        from: TRIAGE,
        to: &[KERNEL, EMBEDDINGS, HEADS, ACTIONS],
        in_tests: &[TESTKIT],
        reason: "it reads untrusted text, so it holds no store and no tools: it names an action of the catalogue and no more",
    },
    Arrow {
        from: REPHRASE,
        to: &[KERNEL, EMBEDDINGS, KNOWLEDGE_BASE],
        in_tests: &[TESTKIT],
        reason: "it words an answer, and sees passages and nothing else",
    },
    Arrow {
        from: DESK,
        to: &[KERNEL, MAIL, EMBEDDINGS, KNOWLEDGE_BASE, ACTIONS, TRIAGE, REPHRASE],
        in_tests: &[TESTKIT],
        reason: "the bot, and not the measuring of it",
    },
    Arrow {
        from: EVALS,
        to: &[KERNEL, EMBEDDINGS, KNOWLEDGE_BASE, ACTIONS, TRIAGE, REPHRASE, DESK],
        in_tests: &[TESTKIT, ACADEMY, MAIL],
        reason: "it measures the bot, in attacks against a real academy; the built program it drives from outside",
    },
    Arrow {
        from: PORTER,
        to: &[KERNEL, MAIL, PAYMENTS, ACADEMY, EMBEDDINGS, KNOWLEDGE_BASE, ACTIONS, TRIAGE, REPHRASE, DESK, EVALS],
        in_tests: &[TESTKIT],
        reason: "the composition root: the only one that names concrete implementations",
    },
    Arrow { from: XTASK, to: &[], in_tests: &[], reason: "every task waits for it to be compiled" },
];

/// Which crates may declare a heavy dependency, in tests too. A name stands for its family:
/// `candle` for `candle-core` as well.
const OWNERS: &[Owner] = &[
    Owner {
        family: "sqlx",
        crates: &[KERNEL, TESTKIT, ACADEMY, ACTIONS, KNOWLEDGE_BASE, DESK],
        reason: "the pools and the stores",
    },
    Owner { family: "candle", crates: &[EMBEDDINGS], reason: "another engine for the encoder must change one crate" },
    Owner { family: "tokenizers", crates: &[EMBEDDINGS], reason: "its version is candle's" },
    Owner { family: "qdrant", crates: &[KNOWLEDGE_BASE], reason: "its traps are known in one place" },
    Owner { family: "tonic", crates: &[KNOWLEDGE_BASE], reason: "it serves Qdrant's protocol to the tests of its client" },
    Owner { family: "async-openai", crates: &[REPHRASE], reason: "one place speaks to a language model" },
    Owner { family: "faer", crates: &[HEADS], reason: "the heads are solved in one place" },
    Owner { family: "lettre", crates: &[MAIL], reason: "one place speaks SMTP" },
    Owner { family: "mail-parser", crates: &[MAIL], reason: "one place reads mail" },
    Owner { family: "krilla", crates: &[DOCUMENTS], reason: "another way to draw must change one crate" },
    Owner { family: "object_store", crates: &[KERNEL], reason: "files lie behind one seam" },
    Owner { family: "ring", crates: &[ACADEMY], reason: "it signs credentials, and nothing else does" },
    Owner {
        family: "axum",
        crates: &[KERNEL, MAIL, PAYMENTS, ACADEMY, EMBEDDINGS, ACTIONS, REPHRASE, DESK, PORTER, EVALS],
        reason: "the HTTP kit, the pages, the models that are lent, who serves them, and the LMS and the language model that tests put up",
    },
    Owner { family: "argon2", crates: &[KERNEL], reason: "passwords are hashed in one way" },
    Owner {
        family: "reqwest",
        crates: &[EMBEDDINGS, ACTIONS, PAYMENTS, REPHRASE, PORTER, EVALS],
        reason: "few places reach out to the network: models and encoders elsewhere, the LMS, the payment provider, the answer model, a running porter, and the tests that drive one",
    },
];

/// Where a crate may lie.
const FOLDERS: &[&str] = &["lms-core", "embeddings", "knowledge-base", "actions", "bot", "evals", "deploy"];

/// What a crate takes from the workspace's `[workspace.package]`.
const INHERITED: &[&str] = &["version", "edition", "license"];

#[test]
fn arrows_point_as_designed() {
    none(&checks::arrows(&Workspace::load(), ARROWS));
}

#[test]
fn the_test_kit_is_for_tests() {
    none(&checks::only_in_tests(&Workspace::load(), TESTKIT));
}

#[test]
fn heavy_dependencies_have_their_owners() {
    none(&checks::owners(&Workspace::load(), OWNERS));
}

#[test]
fn versions_and_lints_have_one_home() {
    none(&checks::inheritance(&Workspace::load(), INHERITED));
}

#[test]
fn crates_lie_in_the_fixed_folders() {
    none(&checks::folders(&Workspace::load(), FOLDERS));
}

#[track_caller]
fn none(violations: &[String]) {
    assert!(violations.is_empty(), "against the design:\n  {}", violations.join("\n  "));
}
