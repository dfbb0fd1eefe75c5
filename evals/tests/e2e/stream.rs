//! The event stream of a conversation, read as a program reads it.

use reqwest::Response;
use serde_json::Value;

use crate::harness::{Home, Porter, Student, client, text_of};

/// An event: its name and its data.
type Event = (String, Value);

/// An open stream.
struct Stream {
    response: Response,
    waiting: String,
}

impl Stream {
    async fn open(student: &Student, after: i64) -> Self {
        let request = student.signed(client().get(student.address(&format!("/events?after={after}"))));
        let response = request.send().await.expect("opening the stream");
        assert_eq!(response.status(), 200);
        assert!(response.headers()["content-type"].to_str().is_ok_and(|kind| kind.starts_with("text/event-stream")));
        Self { response, waiting: String::new() }
    }

    /// Reads up to the event that satisfies `last`.
    async fn read(&mut self, last: impl Fn(&Event) -> bool) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            while let Some((event, rest)) = self.waiting.split_once("\n\n").map(|(event, rest)| (event.to_owned(), rest.to_owned()))
            {
                self.waiting = rest;
                let field =
                    |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(|value| value.trim().to_owned());
                let (Some(name), Some(data)) = (field("event:"), field("data:")) else { continue };
                events.push((name, serde_json::from_str(&data).expect("JSON in an event")));
                if events.last().is_some_and(&last) {
                    return events;
                }
            }
            let piece = self.response.chunk().await.expect("reading the stream").expect("the stream goes on");
            self.waiting.push_str(std::str::from_utf8(&piece).expect("UTF-8"));
        }
    }
}

fn is_answer((name, data): &Event) -> bool {
    name == "message" && data["author"] == "bot" && data["seq"].as_i64() > Some(1)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_grows_in_drafts_before_the_message_and_a_reader_resumes_where_it_was() {
    let home = Home::seeded();
    let porter = Porter::start(&home);
    let student = Student::begin(&porter.base).await;
    let mut stream = Stream::open(&student, 1).await;
    // The first state tells that the stream listens.
    stream.read(|(name, _)| name == "state").await;
    student.say("how do i get my certificate as pdf?").await;
    let events = stream.read(is_answer).await;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let drafts: Vec<String> = events.iter().filter(|(name, _)| name == "draft").map(|(_, data)| text_of(&data["text"])).collect();
    assert!(drafts.len() > 1, "{names:?}");
    assert!(drafts.windows(2).all(|pair| pair[1].starts_with(&pair[0])), "each draft goes on where the last ended: {drafts:?}");
    let typing = names.iter().position(|name| *name == "typing");
    assert!(typing.is_some() && typing < names.iter().position(|name| *name == "draft"), "{names:?}");

    // Nobody misses a message, nobody gets one twice.
    let from_the_start = Stream::open(&student, 0).await.read(is_answer).await;
    let seqs: Vec<i64> =
        from_the_start.iter().filter(|(name, _)| name == "message").filter_map(|(_, data)| data["seq"].as_i64()).collect();
    assert_eq!(seqs, [1, 2, 3]);
    let resumed = Stream::open(&student, 2).await.read(is_answer).await;
    assert_eq!(resumed.iter().filter(|(name, _)| name == "message").count(), 1);
    porter.stop();
}
