//! Models lent to others: asked by OpenAI's own client, and by a porter that has no model of its own.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Done, Home, Launch, cache, command, get, list, text_of};

/// OpenAI's client for Python, the release that the script was written for.
const CLIENT: &str = "openai==3.57.0";
const KEY: &str = "sk-lent-to-friends";

/// A Python with OpenAI's client, made once and kept.
fn python() -> PathBuf {
    fs::create_dir_all(cache()).expect("making the cache");
    let lock = File::create(cache().join("openai-client.lock")).expect("making the lock");
    lock.lock().expect("waiting for the lock");
    let folder = cache().join(CLIENT.replace("==", "-"));
    let python = folder.join("bin/python");
    if !folder.join("complete").exists() {
        let run = |command: &mut Command| Done::of(command.output().expect("`cargo xtask test` installs python3-venv")).exits(0);
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder));
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", CLIENT]));
        fs::write(folder.join("complete"), CLIENT).expect("marking the environment as complete");
    }
    python
}

#[tokio::test(flavor = "multi_thread")]
async fn story_openais_own_client_embeds_and_chats() {
    let home = Home::empty();
    let lent = Launch::models(&home).env("PORTER_MODELS__SERVE_KEY", KEY).start();
    let script = home.write("client.py", include_str!("models/client.py"));
    let done = Done::of(Command::new(python()).arg(script).args([&lent.base, KEY]).output().expect("running Python")).exits(0);
    assert!(done.out.contains("all of it works"), "{done}");

    let operator = lent.base.trim_end_matches("/v1");
    assert_eq!(get(&format!("{operator}/readyz")).await.is(200).json()["status"], "ready");
    let metrics = get(&format!("{operator}/metrics")).await.is(200).text;
    for name in ["porter_model_texts_total", "porter_model_tokens_total", "porter_encoder_batch_texts"] {
        assert!(metrics.contains(name), "{name} is missing:\n{metrics}");
    }
    lent.stop();
}

/// `porter kb search` in a small help centre, on a machine without models, by the encoder at `url`.
fn search(home: &Home, url: &str, key: &str) -> Done {
    home.write("articles/facts.toml", "");
    home.write("articles/refunds.md", "# Refunds\n\nYou can have what you paid back within two weeks.\n");
    home.write(
        "articles/certificates.md",
        "# Certificates\n\nA certificate can be downloaded as a PDF when a course is complete.\n",
    );
    let mut porter = command(home.path());
    porter.env("PORTER_CACHE_DIR", home.path().join("cache")).env("PORTER_MODELS__HUB", "").env("PORTER_MODELS__PYPI", "");
    porter.env("PORTER_MODELS__ENCODER_URL", url).env("PORTER_MODELS__ENCODER_KEY", key);
    porter.env("PORTER_ACADEMY__ARTICLES", home.path().join("articles")).arg("--data-dir").arg(home.data());
    Done::of(porter.args(["kb", "search", "how do i get my money back", "--json"]).output().expect("running porter"))
}

#[test]
fn story_a_porter_without_models_borrows_an_encoder() {
    let (home, lender) = (Home::empty(), Home::empty());
    let lent =
        Launch::models(&lender).env("PORTER_MODELS__SERVE_KEY", KEY).env("PORTER_MODELS__SERVE", "[\"all-MiniLM-L6-v2\"]").start();
    search(&home, &lent.base, "wrong").exits(1).tells(&["401", "models.encoder_key", &lent.base]);
    let done = search(&home, &lent.base, KEY).exits(0);
    let results: Value = serde_json::from_str(&done.out).expect("a JSON array");
    let articles: Vec<String> = list(&results).iter().map(|found| text_of(&found["article"])).collect();
    assert_eq!(articles, ["refunds", "certificates"], "{results}");
    let models = home.path().join("cache/models");
    assert!(!models.exists(), "a model was fetched although one was borrowed: {}", models.display());
    lent.stop();
    search(&home, "http://127.0.0.1:9/v1", KEY).exits(1).tells(&["models.encoder_url"]);
}
