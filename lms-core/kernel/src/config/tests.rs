use std::{collections::BTreeMap, fs};

use serde::Deserialize;
use serde_json::json;

use super::*;
use crate::db::DatabaseSetting;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Root {
    listen: String,
    database: DatabaseSetting,
    name: Option<String>,
    origins: Vec<u16>,
    bot: Bot,
    shelves: BTreeMap<String, Shelf>,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Bot {
    lease_seconds: u16,
    mood: Mood,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Mood {
    Calm,
    Brisk,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shelf {
    title: String,
}

impl Default for Root {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".to_owned(),
            database: "sqlite:porter.db".parse().unwrap(),
            name: None,
            origins: vec![],
            bot: Bot::default(),
            shelves: BTreeMap::new(),
        }
    }
}

impl Default for Bot {
    fn default() -> Self {
        Self { lease_seconds: 30, mood: Mood::Calm }
    }
}

fn read(file: &str, env: &[(&str, &str)], overrides: &serde_json::Value) -> Result<Root, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("porter.toml");
    fs::write(&path, file).unwrap();
    let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    load_from(&Root::default(), Some(&path), env, overrides)
        .map_err(|error| error.to_string().replace(path.to_str().unwrap(), "FILE"))
}

#[test]
fn nothing_given_leaves_the_defaults() {
    assert_eq!(load_from(&Root::default(), None, [], &serde_json::Value::Null), Ok(Root::default()));
}

#[test]
fn the_later_source_wins_field_by_field() {
    let file = "listen = \"file\"\nname = \"file\"\n[bot]\nlease_seconds = 1\nmood = \"brisk\"";
    let env = [("PORTER_NAME", "env"), ("PORTER_BOT__LEASE_SECONDS", "2"), ("OTHER", "x")];
    let overrides = json!({ "bot": { "lease_seconds": 3, "mood": null }, "listen": null });
    let root = read(file, &env, &overrides).unwrap();
    assert_eq!((root.listen.as_str(), root.name.as_deref()), ("file", Some("env")));
    assert_eq!(root.bot, Bot { lease_seconds: 3, mood: Mood::Brisk });
}

#[test]
fn a_number_in_the_environment_may_be_a_text() {
    let env = [("PORTER_LISTEN", "8080"), ("PORTER_NAME", "true"), ("PORTER_ORIGINS", "[1, 2]")];
    let root = read("", &env, &json!({})).unwrap();
    assert_eq!((root.listen.as_str(), root.name.as_deref()), ("8080", Some("true")));
    assert_eq!(root.origins, [1, 2]);
}

#[test]
fn every_problem_is_listed_with_its_path_and_its_origin() {
    let file = "lisen = \"x\"\ndatabase = \"mysql://u:secret@h/n\"\norigins = [1, \"two\"]\n\
                [bot]\nmood = \"angry\"\nleese = 1\n[shelves.a]\ntitel = \"t\"";
    let env = [("PORTER_BOT__LEASE_SECONDS", "70000"), ("PORTER_BOT__X__Y", "1")];
    let error = read(file, &env, &json!({ "name": 7 })).unwrap_err();
    let mut lines: Vec<&str> = error.lines().collect();
    lines.sort_unstable();
    assert_eq!(
        lines,
        [
            "bot.lease_seconds: invalid value unsigned int `70000`, expected u16 (from environment variable PORTER_BOT__LEASE_SECONDS)",
            "bot.leese: unknown key; known here: lease_seconds, mood (from FILE)",
            "bot.mood: `angry` is none of: calm, brisk (from FILE)",
            "bot.x: unknown key; known here: lease_seconds, mood (from environment variable PORTER_BOT__X__Y)",
            "database: expected `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME` (from FILE)",
            "lisen: unknown key; known here: listen, database, name, origins, bot, shelves (from FILE)",
            "name: invalid type: found unsigned int `7`, expected a string (from the command line)",
            "origins.1: invalid type: found string \"two\", expected u16 (from FILE)",
            "shelves.a.titel: unknown key; known here: title (from FILE)",
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let missing = Path::new("/nowhere/porter.toml");
    let error = load_from(&Root::default(), Some(missing), [], &json!({})).unwrap_err().to_string();
    assert!(error.starts_with("the configuration file cannot be read: No such file"), "{error}");
    assert!(error.ends_with("(from /nowhere/porter.toml)"), "{error}");

    let error = read("listen = \n", &[], &json!({})).unwrap_err();
    assert!(error.starts_with("not valid TOML:") && error.ends_with("(from FILE)"), "{error}");
    assert!(error.contains("line 1"), "{error}");
}

#[test]
fn a_section_that_is_no_section_is_named() {
    let error = read("bot = 7", &[], &json!({})).unwrap_err();
    assert_eq!(error, "bot: invalid type: found signed int `7`, expected struct Bot (from FILE)");
    let error = read("[shelves.a]", &[], &json!({})).unwrap_err();
    assert_eq!(error, "shelves.a.title: missing (from FILE)");
}
