//! Porter, or one role of it, as a process that a test starts, reads, stops and kills.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::home::Home;
use super::program::{Done, command};

/// The first start of a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// How a porter is to be started.
#[derive(Debug)]
pub(crate) struct Launch {
    command: Command,
}

impl Launch {
    /// On the home's data folder and a free port.
    pub(crate) fn at(home: &Home) -> Self {
        Self::listening(home, "127.0.0.1:0")
    }

    pub(crate) fn listening(home: &Home, address: &str) -> Self {
        let mut command = command(home.path());
        command.args(["up", "--listen", address, "--data-dir"]).arg(home.data());
        Self { command }
    }

    /// One role alone: `bot`, `lms`, `worker` or `mailbox`.
    pub(crate) fn role(home: &Home, role: &str) -> Self {
        let mut command = command(home.path());
        command.args([role, "--listen", "127.0.0.1:0", "--data-dir"]).arg(home.data());
        Self { command }
    }

    /// The models that are lent to others; `base` is then the address of their API.
    pub(crate) fn models(home: &Home) -> Self {
        let mut command = command(home.path());
        command.args(["models", "serve", "--listen", "127.0.0.1:0"]);
        Self { command }
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs one that is expected to end by itself.
    pub(crate) fn run_to_the_end(mut self) -> Done {
        Done::of(self.command.output().expect("running porter"))
    }

    /// Starts it and waits until it is ready.
    pub(crate) fn start(mut self) -> Porter {
        let began = Instant::now();
        let mut child = self
            .command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("starting porter; `cargo xtask test` builds it");
        let (sender, receiver) = mpsc::channel();
        let said = Arc::<Mutex<Vec<String>>>::default();
        let readers = vec![
            read(child.stdout.take().expect("a pipe"), Arc::default(), Some(sender)),
            read(child.stderr.take().expect("a pipe"), Arc::clone(&said), None),
        ];
        let mut porter = Porter {
            child,
            base: String::new(),
            academy: String::new(),
            mailbox: String::new(),
            learner_password: String::new(),
            accounts: Vec::new(),
            warm_up: Duration::ZERO,
            said,
            readers,
        };
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            let Ok(line) = receiver.recv_timeout(left) else { panic!("porter is not ready:\n{}", porter.stderr()) };
            porter.read_welcome(&line);
            if line.contains("Ctrl-C stops it") {
                porter.warm_up = began.elapsed();
                return porter;
            }
        }
    }
}

/// A running porter; killed with this value.
#[derive(Debug)]
pub(crate) struct Porter {
    child: Child,
    /// The desk: `http://127.0.0.1:PORT`.
    pub(crate) base: String,
    /// The academy.
    pub(crate) academy: String,
    /// The mailbox's page.
    pub(crate) mailbox: String,
    /// The password of all demo learners.
    pub(crate) learner_password: String,
    /// E-mail and password of the demo accounts.
    pub(crate) accounts: Vec<(String, String)>,
    /// From the start to the welcome.
    pub(crate) warm_up: Duration,
    said: Arc<Mutex<Vec<String>>>,
    readers: Vec<JoinHandle<()>>,
}

impl Porter {
    /// On a free port.
    pub(crate) fn start(home: &Home) -> Self {
        Launch::at(home).start()
    }

    /// The welcome names the pages and the demo accounts.
    fn read_welcome(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let address = || words.last().expect("an address").trim_end_matches('/').to_owned();
        if line.contains("Demo page") || line.contains("API like OpenAI's") {
            self.base = address();
        } else if line.contains("Academy, to sign in") {
            self.academy = address();
        } else if line.contains("  Mailbox  ") {
            self.mailbox = address();
        } else if let Some((_, password)) = line.split_once("the password of each is ") {
            self.learner_password = password.trim_end_matches(')').to_owned();
        } else if let [email, password] = words[..]
            && email.contains('@')
        {
            self.accounts.push((email.to_owned(), password.to_owned()));
        }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.base.trim_start_matches("http://").parse().expect("the welcome names host and port")
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        self.child.try_wait().expect("asking after porter").is_none()
    }

    /// What it has said on standard error so far.
    pub(crate) fn stderr(&self) -> String {
        self.said.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }

    /// SIGTERM: it must end in order.
    pub(crate) fn stop(self) -> String {
        self.stop_by("TERM")
    }

    /// Sends the signal, asserts that it ends with 0, and gives what it said.
    pub(crate) fn stop_by(mut self, signal: &str) -> String {
        let sent = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.pid())]).status().expect("running sh");
        assert!(sent.success(), "no process to stop:\n{}", self.stderr());
        let ended = self.child.wait().expect("waiting for porter");
        self.finish();
        assert_eq!(ended.code(), Some(0), "after SIG{signal}: {ended}\n{}", self.stderr());
        self.complain();
        self.stderr()
    }

    /// Ends it as a power cut would.
    pub(crate) fn kill9(mut self) {
        self.child.kill().expect("killing porter");
        self.child.wait().expect("waiting for porter");
        self.finish();
        self.complain();
    }

    /// Reads what is left in the pipes.
    fn finish(&mut self) {
        for reader in self.readers.drain(..) {
            reader.join().expect("reading porter's output");
        }
    }

    /// Fails the test when it has reported an error of its own.
    fn complain(&self) {
        let said = self.stderr();
        let bad: Vec<&str> = said.lines().filter(|line| line.contains("ERROR") || line.contains("panicked")).collect();
        assert!(bad.is_empty(), "porter reports errors:\n{}\n--- all it said\n{said}", bad.join("\n"));
    }
}

impl Drop for Porter {
    fn drop(&mut self) {
        // After `stop` and `kill9` there is nobody left, and nothing more to read.
        if self.readers.is_empty() {
            return;
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        if thread::panicking() {
            eprintln!("--- porter said\n{}", self.stderr());
        } else {
            self.finish();
            self.complain();
        }
    }
}

fn read(pipe: impl Read + Send + 'static, kept: Arc<Mutex<Vec<String>>>, told: Option<Sender<String>>) -> JoinHandle<()> {
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            if let Some(told) = &told {
                let _ = told.send(line.clone());
            }
            kept.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    })
}
