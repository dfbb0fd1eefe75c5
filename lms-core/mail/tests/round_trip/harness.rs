//! A sink with its mailbox, and a mailer to it.

use std::path::Path;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::HeaderMap;
use porter_kernel::clock::ManualClock;
use porter_kernel::ids::SequentialIds;
use porter_kernel::shutdown::Shutdown;
use porter_mail::sink::{Refusals, Sink};
use porter_mail::{Attachment, Mail, SmtpMailer, mailbox};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

pub(crate) struct House {
    pub(crate) mailer: SmtpMailer,
    pub(crate) pages: Router,
    pub(crate) refusals: Refusals,
    pub(crate) address: std::net::SocketAddr,
    pub(crate) shutdown: Shutdown,
    pub(crate) serving: tokio::task::JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sink = sink(folder.path()).await;
        let (address, shutdown) = (sink.local_addr().unwrap(), Shutdown::default());
        let (pages, refusals) = (mailbox::router(sink.folder()), sink.refusals());
        let serving = tokio::spawn(sink.serve(shutdown.clone()));
        Self { mailer: mailer(address), pages, refusals, address, shutdown, serving, _folder: folder }
    }

    pub(crate) async fn get(&self, path: &str) -> (u16, HeaderMap, Vec<u8>) {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = self.pages.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        (status, headers, axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let (status, _, body) = self.get(path).await;
        assert_eq!(status, 200, "{path}");
        serde_json::from_slice(&body).unwrap()
    }

    pub(crate) async fn page(&self, path: &str) -> String {
        String::from_utf8(self.get(path).await.2).unwrap()
    }

    /// The newest mail, whole.
    pub(crate) async fn newest(&self) -> Value {
        let list = self.json("/api/mails").await;
        self.json(&format!("/api/mails/{}", list["mails"][0]["id"].as_str().unwrap())).await
    }

    pub(crate) async fn count(&self) -> u64 {
        self.json("/api/mails").await["count"].as_u64().unwrap()
    }

    /// Says lines by hand, and returns all that was answered.
    pub(crate) async fn talk(&self, said: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(said.as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }
}

pub(crate) async fn sink(folder: &Path) -> Sink {
    let (clock, ids) = (Arc::new(ManualClock::default()), Arc::new(SequentialIds::default()));
    Sink::bind(([127, 0, 0, 1], 0).into(), folder, clock, ids).await.unwrap()
}

pub(crate) fn mailer(address: std::net::SocketAddr) -> SmtpMailer {
    let setting = format!("smtp://{address}").parse().unwrap();
    SmtpMailer::new(&setting, "Northlight Academy <support@northlight.example>", Arc::new(ManualClock::default())).unwrap()
}

pub(crate) fn mail() -> Mail {
    Mail {
        headers: Vec::new(),
        written_by: porter_mail::WrittenBy::Program,
        message_id: "0190-1@northlight.example".to_owned(),
        to_name: "Zoë Ångström-Łukasiewicz".to_owned(),
        to_address: "zoe@learners.example".to_owned(),
        subject: "Your certificate for “Café économie” ✓".to_owned(),
        text: format!("Hello Zoë,\r\n.\r\n..\r\n.{}\r\nFrom here\r\n", "é".repeat(1_200)),
        html: "<p>Hello <b>Zoë</b></p><script>alert(1)</script><a href=\"https://academy.example/reset\">Reset</a>".to_owned(),
        attachments: vec![Attachment {
            file_name: "Zertifikat für Zoë.pdf".to_owned(),
            media_type: "application/pdf".to_owned(),
            bytes: (0..100_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect(),
        }],
    }
}
