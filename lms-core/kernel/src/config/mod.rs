//! Configuration: defaults, then a TOML file, then environment variables, then the command line;
//! the later one wins.
//!
//! Each part of Porter has its own struct with `#[serde(deny_unknown_fields, default)]`, so that a
//! misspelt key is refused with its exact path instead of being passed over. The environment names
//! a field by its path: `PORTER_BOT__LEASE_SECONDS` is `bot.lease_seconds`. On Kubernetes, a
//! service called `porter` injects variables of that form; set `enableServiceLinks: false`.

mod provider;

use std::{fmt, path::Path};

use figment::{
    Figment,
    error::Kind,
    providers::{Format as _, Serialized, Toml},
    value::Value,
};
use serde::{Serialize, de::DeserializeOwned};

use provider::{CommandLine, EnvVar};

/// What every environment variable of Porter begins with.
pub const ENV_PREFIX: &str = "PORTER_";

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one.
    pub problems: Vec<ConfigProblem>,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblem {
    /// Which field: `bot.lease_seconds`. Empty when a whole file cannot be read.
    pub path: String,
    /// What is wrong with it.
    pub what: String,
    /// Where it was said: a file, an environment variable, the command line.
    pub origin: String,
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.path.is_empty() {
            write!(f, "{}: ", self.path)?;
        }
        write!(f, "{} (from {})", self.what, self.origin)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Reads the configuration. `overrides` is an object with what the command line gave, nested as the
/// fields are; what it does not give is absent or null.
///
/// Every problem is reported, not only the first.
pub fn load<T: Serialize + DeserializeOwned>(
    defaults: &T,
    file: Option<&Path>,
    overrides: &serde_json::Value,
) -> Result<T, ConfigError> {
    let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    load_from(defaults, file, variables, overrides)
}

/// As [`load`], with the environment given.
pub fn load_from<T: Serialize + DeserializeOwned>(
    defaults: &T,
    file: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    overrides: &serde_json::Value,
) -> Result<T, ConfigError> {
    let mut figment = Figment::from(Serialized::defaults(defaults));
    if let Some(file) = file {
        if let Err(error) = std::fs::File::open(file) {
            return Err(whole(format!("the configuration file cannot be read: {error}"), file));
        }
        figment = figment.merge(Toml::file_exact(file));
    }
    let mut variables: Vec<EnvVar> = environment.into_iter().filter_map(|(name, value)| EnvVar::new(name, value)).collect();
    variables.sort();
    for variable in &variables {
        figment = figment.merge(variable);
    }
    figment = figment.merge(CommandLine(overrides));

    let merged = figment.find_value("").map_err(|error| unmerged(&error, file))?;
    let defaults = Figment::from(Serialized::defaults(defaults)).find_value("").map_err(|error| unmerged(&error, None))?;
    extract(&figment, merged, &defaults, &variables)
}

/// serde stops at the first problem. So each bad value is noted and replaced by its default, until
/// the rest is good.
fn extract<T: DeserializeOwned>(
    figment: &Figment,
    mut merged: Value,
    defaults: &Value,
    variables: &[EnvVar],
) -> Result<T, ConfigError> {
    let mut problems: Vec<ConfigProblem> = Vec::new();
    loop {
        let error = match merged.deserialize::<T>() {
            Ok(config) if problems.is_empty() => return Ok(config),
            Ok(_) => return Err(ConfigError { problems }),
            Err(error) => error,
        };
        let mut path = error.path.clone();
        if let Kind::MissingField(name) = &error.kind {
            path.push(name.clone().into_owned());
        }
        // `PORTER_NAME=42` reads as a number; a field that wants a text gets the text.
        let variable = variables.iter().find(|variable| variable.path() == path);
        if let (Kind::InvalidType(_, expected), Some(variable)) = (&error.kind, variable)
            && expected.contains("string")
            && provider::set(&mut merged, &path, variable.text())
        {
            continue;
        }
        let problem = ConfigProblem { path: path.join("."), what: say(&error.kind), origin: origin(figment, &merged, &path) };
        let stuck = problems.contains(&problem);
        problems.push(problem);
        if stuck || !provider::reset(&mut merged, defaults, &path) {
            problems.dedup();
            return Err(ConfigError { problems });
        }
    }
}

fn say(kind: &Kind) -> String {
    match kind {
        Kind::UnknownField(_, []) => "unknown key; there are no keys here".to_owned(),
        Kind::UnknownField(_, known) => format!("unknown key; known here: {}", known.join(", ")),
        Kind::UnknownVariant(found, known) => format!("`{found}` is none of: {}", known.join(", ")),
        Kind::MissingField(_) => "missing".to_owned(),
        other => other.to_string(),
    }
}

/// The origin of the value at `path`, or of the nearest one around it.
fn origin(figment: &Figment, merged: &Value, path: &[String]) -> String {
    let mut found = figment.get_metadata(merged.tag());
    for length in 1..=path.len() {
        let Some(value) = path.get(..length).and_then(|path| provider::find(merged, path)) else { break };
        found = figment.get_metadata(value.tag()).or(found);
    }
    match found {
        Some(metadata) => match metadata.source.as_ref().and_then(|source| source.file_path()) {
            Some(file) => file.display().to_string(),
            None if metadata.source.is_some() => "the defaults".to_owned(),
            None => metadata.name.clone().into_owned(),
        },
        None => "the defaults".to_owned(),
    }
}

fn whole(what: String, file: &Path) -> ConfigError {
    let problem = ConfigProblem { path: String::new(), what, origin: file.display().to_string() };
    ConfigError { problems: vec![problem] }
}

fn unmerged(error: &figment::Error, file: Option<&Path>) -> ConfigError {
    let file = file.unwrap_or_else(|| Path::new("the defaults"));
    let what = error.clone().into_iter().map(|error| error.kind.to_string()).collect::<Vec<_>>();
    whole(format!("not valid TOML: {}", what.join("; ").trim_end()), file)
}

#[cfg(test)]
mod tests;
