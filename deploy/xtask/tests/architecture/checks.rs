//! The rules' meaning: each check gives what is against the rule, a line each.

use cargo_metadata::DependencyKind;
use toml::Value;

use crate::workspace::{Crate, Dependency, Workspace};

/// What a crate may depend on.
#[derive(Debug)]
pub(crate) struct Arrow {
    pub(crate) from: &'static str,
    pub(crate) to: &'static [&'static str],
    /// Beside those, in `[dev-dependencies]`.
    pub(crate) in_tests: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// Who may declare a family of dependencies.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) family: &'static str,
    pub(crate) crates: &'static [&'static str],
    pub(crate) reason: &'static str,
}

/// Dependencies between the workspace's crates that no row allows, crates without a row and rows
/// without a crate.
pub(crate) fn arrows(workspace: &Workspace, rules: &[Arrow]) -> Vec<String> {
    let mut violations: Vec<String> = rules
        .iter()
        .filter(|rule| !workspace.has(rule.from))
        .map(|rule| format!("{} has a row of arrows, but is no crate of the workspace", rule.from))
        .collect();
    for krate in &workspace.crates {
        let Some(rule) = rules.iter().find(|rule| rule.from == krate.name) else {
            violations.push(format!("{} has no row of arrows", krate.name));
            continue;
        };
        let forbidden = krate.dependencies.iter().filter(|found| workspace.has(&found.name) && !rule.allows(found));
        violations.extend(forbidden.map(|found| format!("{} -> {} ({}): {}", krate.name, found.name, found.kind, rule.reason)));
    }
    violations
}

impl Arrow {
    fn allows(&self, dependency: &Dependency) -> bool {
        let name = dependency.name.as_str();
        self.to.contains(&name) || dependency.kind == DependencyKind::Development && self.in_tests.contains(&name)
    }
}

/// Uses of a crate outside `[dev-dependencies]`, whatever the arrows say.
pub(crate) fn only_in_tests(workspace: &Workspace, name: &str) -> Vec<String> {
    each_dependency(workspace)
        .filter(|(_, found)| found.name == name && found.kind != DependencyKind::Development)
        .map(|(krate, found)| format!("{} -> {name} ({}): it belongs in [dev-dependencies]", krate.name, found.kind))
        .collect()
}

/// Heavy dependencies in crates that do not own them.
pub(crate) fn owners(workspace: &Workspace, rules: &[Owner]) -> Vec<String> {
    each_dependency(workspace)
        .flat_map(|(krate, found)| rules.iter().map(move |rule| (krate, found, rule)))
        .filter(|(krate, found, rule)| rule.covers(&found.name) && !rule.crates.contains(&krate.name.as_str()))
        .map(|(krate, found, rule)| {
            format!("{} -> {} ({}), which is for {}: {}", krate.name, found.name, found.kind, rule.crates.join(", "), rule.reason)
        })
        .collect()
}

impl Owner {
    fn covers(&self, dependency: &str) -> bool {
        dependency.strip_prefix(self.family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', '_']))
    }
}

fn each_dependency(workspace: &Workspace) -> impl Iterator<Item = (&Crate, &Dependency)> {
    workspace.crates.iter().flat_map(|krate| krate.dependencies.iter().map(move |found| (krate, found)))
}

/// What a manifest says itself instead of taking it from the workspace: lints, fields of
/// `[package]`, dependencies.
pub(crate) fn inheritance(workspace: &Workspace, fields: &[&str]) -> Vec<String> {
    let mut violations = Vec::new();
    for krate in &workspace.crates {
        let manifest = &krate.manifest;
        let mut demand = |what: String, value: Option<&Value>| {
            if !value.is_some_and(is_inherited) {
                violations.push(format!("{}: {what} is not taken from the workspace", krate.name));
            }
        };
        demand("[lints]".to_owned(), manifest.get("lints"));
        for field in fields {
            demand(format!("package.{field}"), manifest.get("package").and_then(|package| package.get(field)));
        }
        let targets = manifest.get("target").and_then(Value::as_table).into_iter().flat_map(|targets| targets.values());
        for table in std::iter::once(manifest).chain(targets.filter_map(Value::as_table)) {
            for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
                for (name, value) in table.get(kind).and_then(Value::as_table).into_iter().flatten() {
                    demand(format!("{name} in [{kind}]"), Some(value));
                }
            }
        }
    }
    violations
}

fn is_inherited(value: &Value) -> bool {
    value.get("workspace").and_then(Value::as_bool) == Some(true)
}

/// Crates outside the fixed folders.
pub(crate) fn folders(workspace: &Workspace, allowed: &[&str]) -> Vec<String> {
    workspace
        .crates
        .iter()
        .filter(|krate| krate.folder.split('/').next().is_none_or(|first| !allowed.contains(&first)))
        .map(|krate| format!("{} lies in `{}`, outside {}", krate.name, krate.folder, allowed.join(", ")))
        .collect()
}
