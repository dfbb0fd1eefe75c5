//! What the sink does with clients that it does not know.

use porter_kernel::shutdown::Shutdown;
use porter_mail::Mailer as _;

use crate::harness::{House, mail, mailer, sink};

#[tokio::test]
async fn one_connection_serves_several_mails_and_pipelined_commands() {
    let house = House::new().await;
    let mail =
        "MAIL FROM:<a@b.example> SIZE=20\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<nobody>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\n";
    let answer = house.talk(&format!("EHLO x\r\n{mail}{mail}QUIT\r\n")).await;
    let codes: Vec<_> = answer.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect();
    assert_eq!(codes, ["220", "250", "250", "250", "501", "354", "250", "250", "250", "501", "354", "250", "221"], "{answer}");
    assert_eq!((house.count().await, house.newest().await["text"].as_str().unwrap().to_owned()), (2, ".dot\r\n".to_owned()));
}

#[tokio::test]
async fn what_is_too_much_is_refused_and_the_conversation_goes_on() {
    let house = House::new().await;
    let begin = "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n";
    let large = format!("{}\r\n", "x".repeat(998)).repeat(25_001);
    let answer = house
        .talk(&format!("EHLO x\r\n{begin}{large}.\r\n{begin}bare\nline\r\n.\r\n{}\r\nNOOP\r\nQUIT\r\n", "x".repeat(9_000)))
        .await;
    let codes: Vec<_> = answer.lines().filter(|line| line.as_bytes()[3] == b' ').map(|line| &line[..3]).collect();
    assert_eq!(codes, ["220", "250", "250", "250", "354", "552", "250", "250", "354", "554", "500", "250", "221"], "{answer}");
    assert_eq!(house.count().await, 0);
    // A client that goes in mid-mail leaves nothing.
    house.talk(&format!("EHLO x\r\n{begin}half")).await;
    assert_eq!(house.count().await, 0);
}

#[tokio::test]
async fn an_acknowledged_mail_is_there_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let first = sink(folder.path()).await;
    let (address, shutdown) = (first.local_addr().unwrap(), Shutdown::default());
    let serving = tokio::spawn(first.serve(shutdown.clone()));
    mailer(address).send(&mail()).await.unwrap();
    serving.abort();
    let again = sink(folder.path()).await.folder();
    let mails = again.newest(None, None, 10);
    assert_eq!((mails.len(), mails[0].subject.as_str()), (1, mail().subject.as_str()));
    assert!(mails[0].has_attachments);
}
