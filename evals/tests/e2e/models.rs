//! Models lent to others: asked by OpenAI's own client, and by a porter that has no model of its own.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::harness::{Done, Home, Launch, cache, command, get, text_of};

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

/// `porter triage` of one line, on a machine without models, by the encoder at `url`.
fn triage(home: &Home, url: &str, key: &str) -> Done {
    let input = home.write("one.jsonl", "{\"id\": 1, \"text\": \"how do i get my certificate as pdf?\"}\n");
    let mut porter = command(home.path());
    porter.env("PORTER_CACHE_DIR", home.path().join("cache")).env("PORTER_MODELS__HUB", "").env("PORTER_MODELS__PYPI", "");
    porter.env("PORTER_MODELS__ENCODER_URL", url).env("PORTER_MODELS__ENCODER_KEY", key);
    Done::of(porter.args(["triage", "--input"]).arg(input).output().expect("running porter"))
}

#[test]
fn story_a_porter_without_models_borrows_an_encoder() {
    let (home, lender) = (Home::empty(), Home::empty());
    let lent =
        Launch::models(&lender).env("PORTER_MODELS__SERVE_KEY", KEY).env("PORTER_MODELS__SERVE", "[\"all-MiniLM-L6-v2\"]").start();
    triage(&home, &lent.base, "wrong").exits(1).tells(&["401", "models.encoder_key", &lent.base]);
    let done = triage(&home, &lent.base, KEY).exits(0);
    let result: Value = serde_json::from_str(&done.out).expect("a line of JSON");
    // Vectors that are borrowed find the same article as vectors that are made here.
    let article = text_of(&result["passages"][0]["article"]);
    assert_eq!((article.as_str(), text_of(&result["decision"]).as_str()), ("certificate-download", "answer"), "{result}");
    let models = home.path().join("cache/models");
    assert!(!models.exists(), "a model was fetched although one was borrowed: {}", models.display());
    lent.stop();
    triage(&home, "http://127.0.0.1:9/v1", KEY).exits(1).tells(&["models.encoder_url"]);
}
