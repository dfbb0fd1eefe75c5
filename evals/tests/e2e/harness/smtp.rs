//! A mail server with a mood, for what a well-behaved one never does.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What it does with a mail that it has read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    Takes,
    /// For now: `451`.
    Refuses,
    /// For good: `550`, with the address, as servers do.
    Rejects,
    /// Says nothing until its manner changes.
    Holds,
}

/// A mail that it has read to its end, whatever it then did with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) to: String,
    pub(crate) message_id: String,
}

/// The server; ends with this value.
#[derive(Debug)]
pub(crate) struct SmtpServer {
    pub(crate) address: SocketAddr,
    read: Arc<Mutex<Vec<Read>>>,
    manner: watch::Sender<Manner>,
    task: JoinHandle<()>,
}

impl SmtpServer {
    pub(crate) async fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its own address");
        let read = Arc::<Mutex<Vec<Read>>>::default();
        let (sender, receiver) = watch::channel(manner);
        let kept = Arc::clone(&read);
        let task = tokio::spawn(async move {
            let mut guests = tokio::task::JoinSet::new();
            while let Ok((guest, _)) = listener.accept().await {
                // A guest who hangs up is no fault of the server.
                let (kept, receiver) = (Arc::clone(&kept), receiver.clone());
                guests.spawn(async move { serve(guest, &kept, receiver).await });
            }
        });
        Self { address, read, manner: sender, task }
    }

    /// As `PORTER_MAIL__SMTP` takes it.
    pub(crate) fn url(&self) -> String {
        format!("smtp://{}", self.address)
    }

    pub(crate) fn set(&self, manner: Manner) {
        self.manner.send_replace(manner);
    }

    /// Every mail that it has read, a repeated one each time.
    pub(crate) fn read(&self) -> Vec<Read> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it, so that nobody listens at its address.
    pub(crate) async fn end(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }
}

impl Drop for SmtpServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(guest: TcpStream, read: &Mutex<Vec<Read>>, mut manner: watch::Receiver<Manner>) -> std::io::Result<()> {
    let (reading, mut writing) = guest.into_split();
    let mut lines = BufReader::new(reading).lines();
    writing.write_all(b"220 test\r\n").await?;
    let mut to = Vec::new();
    while let Some(line) = lines.next_line().await? {
        let reply = match line.to_uppercase() {
            word if word.starts_with("RCPT TO:<") => {
                to.push(line[9..].split('>').next().unwrap_or_default().to_owned());
                "250 yes".to_owned()
            }
            word if word == "DATA" => {
                writing.write_all(b"354 go on\r\n").await?;
                let mut message_id = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    if let Some(id) = line.strip_prefix("Message-ID: ") {
                        message_id = id.to_owned();
                    }
                }
                let mail = Read { to: to.join(", "), message_id };
                let rejection = format!("550 5.1.1 <{}>: no such mailbox", mail.to);
                to.clear();
                read.lock().unwrap_or_else(PoisonError::into_inner).push(mail);
                let decided = *manner.wait_for(|manner| *manner != Manner::Holds).await.expect("the server is there");
                match decided {
                    Manner::Takes => "250 kept".to_owned(),
                    Manner::Rejects => rejection,
                    Manner::Refuses | Manner::Holds => "451 not now".to_owned(),
                }
            }
            word if word.starts_with("QUIT") => {
                writing.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            _ => "250 yes".to_owned(),
        };
        writing.write_all(format!("{reply}\r\n").as_bytes()).await?;
    }
    Ok(())
}
