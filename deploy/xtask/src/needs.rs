//! What the tests need beside Rust: found, installed, or named.

use std::process::Command;

use crate::{
    failure::Failure,
    machine::Machine,
    process::{self, cargo},
};

/// The nextest that reads `.config/nextest.toml` and compiles with the workspace's Rust; a newer one may not.
const NEXTEST: &str = "0.9.143";

/// Something that the tests need.
#[derive(Debug)]
pub(crate) struct Need {
    pub(crate) what: &'static str,
    pub(crate) why: &'static str,
    /// Debian's package of it.
    package: &'static str,
    is_there: fn(&Machine) -> bool,
}

static NEEDS: [Need; 6] = [
    Need {
        what: "a C and a C++ compiler (cc, c++)",
        why: "SQLite, zstd and the tokenizer's regular expressions",
        package: "g++",
        is_there: |machine| machine.has("cc") && machine.has("c++"),
    },
    Need {
        what: "PostgreSQL's server programs (initdb, pg_ctl, …)",
        why: "the stores, which must pass on both engines",
        package: "postgresql",
        is_there: Machine::has_postgresql,
    },
    Need {
        what: "the browser chromium",
        why: "the end-to-end tests",
        package: "chromium",
        is_there: |machine| machine.has("chromium"),
    },
    Need {
        what: "chromedriver",
        why: "the end-to-end tests",
        package: "chromium-driver",
        is_there: |machine| machine.has("chromedriver"),
    },
    Need {
        what: "pdftotext",
        why: "the end-to-end tests, which read the certificates that were mailed",
        package: "poppler-utils",
        is_there: |machine| machine.has("pdftotext"),
    },
    Need {
        what: "Python 3 with venv",
        why: "the end-to-end tests, which ask the lent models by OpenAI's own client",
        package: "python3-venv",
        is_there: Machine::has_python_venv,
    },
];

/// Makes sure that everything is there: installs what is missing, or says what is.
pub(crate) fn ensure() -> Result<(), Failure> {
    let machine = Machine::this();
    let wanted = missing(&machine);
    if !wanted.is_empty() {
        if !machine.can_install() {
            return Err(Failure::Missing(wanted));
        }
        process::run(apt_get().arg("update"))?;
        process::run(&mut install(&wanted))?;
        let wanted = missing(&machine);
        if !wanted.is_empty() {
            return Err(Failure::StillMissing(wanted));
        }
    }
    if !process::succeeds(cargo().args(["nextest", "--version"]))? {
        // Into the user's own folder, so nobody need be root; some minutes, once.
        process::run(cargo().args(["install", "cargo-nextest", "--locked", "--version", NEXTEST]))?;
    }
    println!("All that the tests need is there.");
    Ok(())
}

/// The command that installs what is missing, as one would type it.
pub(crate) fn install_command(missing: &[&Need]) -> String {
    process::line(&install(missing))
}

fn missing(machine: &Machine) -> Vec<&'static Need> {
    NEEDS.iter().filter(|need| !(need.is_there)(machine)).collect()
}

fn install(missing: &[&Need]) -> Command {
    let mut command = apt_get();
    command.args(["install", "--yes", "--no-install-recommends"]).args(missing.iter().map(|need| need.package));
    command
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::with;

    #[test]
    fn a_bare_machine_lacks_all_and_is_told_the_one_command() {
        let (_root, machine) = with(&[]);
        let message = Failure::Missing(missing(&machine)).to_string();
        for need in &NEEDS {
            assert!(message.contains(need.what) && message.contains(need.why), "{message}");
        }
        let command =
            "sudo apt-get install --yes --no-install-recommends g++ postgresql chromium chromium-driver poppler-utils python3-venv";
        assert!(message.ends_with(command), "{message}");
    }

    #[test]
    fn only_what_is_missing_is_asked_for() {
        let (_root, machine) =
            with(&["bin/cc", "bin/chromium", "bin/chromedriver", "bin/pdftotext", "bin/python3", "postgresql/15/bin/initdb"]);
        let packages: Vec<_> = missing(&machine).iter().map(|need| need.package).collect();
        assert_eq!(
            packages,
            ["g++", "postgresql", "python3-venv"],
            "c++, the rest of the server and a Python that answers are not there"
        );
    }
}
