//! A PostgreSQL cluster of a test's own: a primary that really writes to disk, streaming replicas, and ways to hurt them.

use std::{
    fs::{self, File},
    os::unix::{
        fs::{DirBuilderExt as _, chown},
        process::CommandExt as _,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use porter_kernel::db::{MAX_LAG, PostgresUrl, postgres::Db};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use crate::{
    engines::TestDb,
    server::free_port,
    system::{Account, binaries, run},
};

/// What is acknowledged survives `kill -9`, as in production.
const SETTINGS: &str = "-c fsync=on -c synchronous_commit=on -c full_page_writes=on -c shared_buffers=64MB -c max_connections=200 \
     -c wal_keep_size=512MB -c hot_standby_feedback=on -c wal_retrieve_retry_interval=200ms -c listen_addresses=127.0.0.1";
const DATABASE: &str = "porter";

/// A primary and its replicas. Dropped, or when the process ends, they are stopped and removed.
#[derive(Debug)]
pub struct Cluster {
    /// Takes writes.
    pub primary: Node,
    /// Stream from the primary.
    pub replicas: Vec<Node>,
    /// Locked for as long as somebody uses the cluster.
    _user: File,
}

/// One server. Its methods block until they are done.
#[derive(Debug, Clone)]
pub struct Node {
    binaries: PathBuf,
    account: Account,
    folder: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Cluster {
    /// Starts a primary with an empty database and so many replicas of it. Takes a few seconds.
    #[must_use]
    pub fn start(replicas: usize) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let (binaries, account) = (binaries(), Account::choose());
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("porter-cluster-{}-{number}", std::process::id()));
        let _ = fs::remove_dir_all(&folder); // of a process that had this number before
        fs::DirBuilder::new().mode(0o755).create(&folder).expect("making the cluster's folder");
        let lock = folder.join("user.lock");
        let user = File::create(&lock).expect("making user.lock");
        user.lock_shared().expect("locking user.lock");
        chown(&folder, Some(account.uid), Some(account.gid)).expect("giving the folder away");
        watch(&folder, &binaries, account);

        let node = |number: usize| Node {
            binaries: binaries.clone(),
            account,
            data: folder.join(format!("node{number}")),
            folder: folder.clone(),
            port: free_port(),
        };
        let primary = node(0);
        let mut initdb = primary.program("initdb");
        initdb.args(["--auth=trust", "--username=porter", "--encoding=UTF8", "--no-locale", "--no-sync", "--pgdata"]);
        run(initdb.arg(&primary.data));
        primary.start();
        let mut create = primary.program("psql");
        create.args(["--username=porter", "--dbname=postgres", "--quiet", "--port", &primary.port.to_string(), "--host"]);
        run(create.arg(&folder).arg("--command").arg(format!("CREATE DATABASE {DATABASE}")));
        let replicas: Vec<Node> = (1..=replicas).map(node).collect();
        for replica in &replicas {
            let mut copy = primary.program("pg_basebackup");
            copy.args(["--username=porter", "--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--wal-method=stream"]);
            copy.args(["--port", &primary.port.to_string(), "--host"]).arg(&folder).arg("--pgdata").arg(&replica.data);
            run(&mut copy);
            replica.start();
        }
        Self { primary, replicas, _user: user }
    }

    /// Opens the database as Porter does, with all replicas and the default bound on their lag.
    pub async fn open(&self) -> Db {
        self.open_within(MAX_LAG).await
    }

    /// As [`Self::open`], with another bound.
    pub async fn open_within(&self, max_lag: Duration) -> Db {
        let replicas: Vec<PostgresUrl> = self.replicas.iter().map(Node::url).collect();
        Db::open_within(&self.primary.url(), &replicas, max_lag).await.expect("opening the cluster")
    }

    /// As [`Self::open`], in the form that suites for both engines take.
    pub async fn database(&self) -> TestDb {
        TestDb::of_cluster(self.open().await)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        // The watchdog would do the same when the process ends; a test that makes several need not keep them all.
        for node in self.replicas.iter().chain([&self.primary]) {
            node.stop("immediate");
        }
    }
}

impl Node {
    /// Its address.
    #[must_use]
    pub fn url(&self) -> PostgresUrl {
        format!("postgres://porter@127.0.0.1:{}/{DATABASE}", self.port).parse().expect("a well-formed address")
    }

    /// Starts it, when it is not running, and waits until it answers.
    pub fn start(&self) {
        let mut start = self.pg_ctl();
        let log = self.data.join("server.log");
        start.args(["start", "--wait", "--silent", "--timeout=60", "--log"]).arg(&log);
        let options = format!("{SETTINGS} -c port={} -c unix_socket_directories={}", self.port, self.folder.display());
        start.arg("--options").arg(options);
        let output = start.output().expect("starting pg_ctl");
        assert!(
            output.status.success(),
            "the server does not start. Its log says:\n{}",
            fs::read_to_string(log).unwrap_or_default()
        );
    }

    /// Stops it as `pg_ctl --mode` says: `fast`, or `immediate`, which is a crash that the server knows of.
    pub fn stop(&self, mode: &str) {
        let mut stop = self.pg_ctl();
        let _ = stop.args(["stop", "--wait", "--silent", "--mode", mode]).output();
    }

    /// `kill -9` for the server and every process of it.
    pub fn kill(&self) {
        let file = self.data.join("postmaster.pid");
        let text = fs::read_to_string(&file).expect("reading postmaster.pid");
        let postmaster: u32 = text.lines().next().and_then(|line| line.trim().parse().ok()).expect("a process number");
        let mut family = children(postmaster);
        family.insert(0, postmaster);
        let numbers: Vec<String> = family.iter().map(ToString::to_string).collect();
        let _ = Command::new("/bin/sh").args(["-c", "kill -9 \"$@\"", "kill"]).args(&numbers).stderr(Stdio::null()).status();
        while family.iter().any(|process| is_alive(*process)) {
            std::thread::yield_now();
        }
        // A server that was killed leaves these behind. The next start would take whatever has its number for the server: a zombie, where nobody
        // reaps processes.
        let _ = fs::remove_file(file);
        let _ = fs::remove_file(self.folder.join(format!(".s.PGSQL.{}.lock", self.port)));
    }

    /// Stops replaying: from now on the replica lags.
    pub async fn pause_replay(&self) {
        self.execute("SELECT pg_wal_replay_pause()").await;
    }

    /// Replays again.
    pub async fn resume_replay(&self) {
        self.execute("SELECT pg_wal_replay_resume()").await;
    }

    /// Makes it a primary of its own.
    pub fn promote(&self) {
        run(self.pg_ctl().args(["promote", "--wait", "--silent"]));
    }

    /// Runs one statement over a connection of its own.
    pub async fn execute(&self, sql: &str) {
        let mut connection = PgConnection::connect(self.url().reveal()).await.expect("connecting to a node");
        sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.expect("telling a node");
        connection.close().await.expect("leaving a node");
    }

    fn program(&self, name: &str) -> Command {
        self.account.command(&self.binaries.join(name))
    }

    fn pg_ctl(&self) -> Command {
        let mut command = self.program("pg_ctl");
        command.arg("--pgdata").arg(&self.data);
        command
    }
}

/// The processes that this one started.
fn children(parent: u32) -> Vec<u32> {
    let processes = fs::read_dir("/proc").expect("reading /proc").flatten();
    let numbers = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    numbers.filter(|number| stat(*number).is_some_and(|(_, ppid)| ppid == parent)).collect()
}

/// A zombie is dead: in a container nobody may be there to reap it.
fn is_alive(process: u32) -> bool {
    stat(process).is_some_and(|(state, _)| state != 'Z' && state != 'X')
}

/// State and parent. The name before them may hold anything but ends with the last bracket.
fn stat(process: u32) -> Option<(char, u32)> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let mut fields = text.rsplit_once(')')?.1.split_whitespace();
    Some((fields.next()?.chars().next()?, fields.next()?.parse().ok()?))
}

#[expect(clippy::zombie_processes, reason = "it is to outlive this process, and init reaps it")]
fn watch(folder: &Path, binaries: &Path, account: Account) {
    let mut sh = account.command(Path::new("/bin/sh"));
    sh.args(["-c", include_str!("cluster.sh"), "porter-testkit-cluster"]).arg(folder).arg(binaries.join("pg_ctl"));
    // Its own group: Ctrl-C is for the tests.
    sh.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    sh.spawn().expect("starting the watchdog");
}
