//! The workspace as its manifests declare it.

use std::{fs, path::Path};

use cargo_metadata::{DependencyKind, MetadataCommand, Package};

/// All crates of the workspace.
#[derive(Debug, Clone)]
pub(crate) struct Workspace {
    pub(crate) crates: Vec<Crate>,
}

#[derive(Debug, Clone)]
pub(crate) struct Crate {
    pub(crate) name: String,
    /// From the workspace's root, with `/`.
    pub(crate) folder: String,
    pub(crate) manifest: toml::Table,
    /// As Cargo understands them: with their real names, those of other targets too.
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) kind: DependencyKind,
}

impl Workspace {
    /// Reads the manifests; resolves and downloads nothing.
    pub(crate) fn load() -> Self {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
        let metadata = MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo metadata");
        let root = metadata.workspace_root.as_std_path();
        Self { crates: metadata.packages.iter().map(|package| Crate::read(package, root)).collect() }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.crates.iter().any(|krate| krate.name == name)
    }
}

impl Crate {
    fn read(package: &Package, root: &Path) -> Self {
        let manifest = package.manifest_path.as_std_path();
        let folder = manifest.parent().and_then(|folder| folder.strip_prefix(root).ok()).expect("a crate inside the workspace");
        let folder: Vec<_> = folder.iter().map(|part| part.to_string_lossy()).collect();
        let text = fs::read_to_string(manifest).expect("a manifest that can be read");
        let dependencies =
            package.dependencies.iter().map(|found| Dependency { name: found.name.clone(), kind: found.kind }).collect();
        Self {
            name: package.name.to_string(),
            folder: folder.join("/"),
            manifest: text.parse().expect("a manifest in TOML"),
            dependencies,
        }
    }
}
