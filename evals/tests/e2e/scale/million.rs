//! What a person does takes as long among a million learners as among ten thousand, and reads no large table from end to end.

use porter_kernel::db::Freshness;
use std::collections::BTreeMap;
use std::sync::Arc;

use porter_academy::crowd::Crowd;
use porter_academy::domain::{EnrolmentStatus, LessonKind};
use porter_academy::store;
use porter_kernel::clock::{Clock as _, SystemClock};
use porter_kernel::db::{Database, DatabaseSetting, PostgresUrl};
use porter_testkit::{Scanned, postgres, scans};
use reqwest::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};

use super::bench::{Waits, closed_loop};
use super::is_drill;
use crate::harness::http::client;
use crate::harness::program::command;
use crate::harness::student::{IDENTITY, new_id};
use crate::harness::{Home, Launch, Porter};

const PASSWORD: &str = "tram lamp quarry violin";
/// At once.
const USERS: usize = 50;
/// Smaller tables may be read as the database likes.
const LARGE: i64 = 10_000;

/// A learner with something left to do.
struct Member {
    email: String,
    course: String,
    lesson: String,
    cookie: String,
    identity: String,
}

async fn seeded(learners: u64) -> (Home, PostgresUrl) {
    let home = Home::empty();
    let url = postgres().fresh_database().await;
    let mut seeding = command(home.path());
    seeding.args(["lms", "seed", "--learners", &learners.to_string(), "--password", PASSWORD, "--data-dir"]).arg(home.data());
    let began = std::time::Instant::now();
    let done = seeding.env("PORTER_LMS__DATABASE__URL", url.reveal()).output().expect("running porter lms seed");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    eprintln!("{learners} learners seeded in {:.1} s", began.elapsed().as_secs_f64());
    (home, url)
}

/// Learners spread over the whole crowd who have an open course with a lesson that is no quiz and not done.
async fn members(url: &PostgresUrl, learners: u64, count: usize) -> Vec<Member> {
    let database = Database::open(&DatabaseSetting::Postgres(url.clone()), None).await.expect("opening the database");
    let academy = store::open(&database);
    let courses = academy.crowd_courses().await.expect("reading the courses");
    let catalogue = academy.catalogue(Freshness::Fresh).await.expect("reading the catalogue");
    let crowd = Crowd { now: SystemClock.now(), password_hash: String::new(), courses: courses.clone() };
    let step = (learners / (count as u64 * 4)).max(1);
    let mut members = Vec::new();
    for number in (0..learners).step_by(usize::try_from(step).expect("a number")) {
        if members.len() == count {
            break;
        }
        let email = Crowd::address(number);
        let (seed, _) = crowd.learners(number..number + 1);
        let open = seed.enrolments.iter().find_map(|enrolment| {
            let open = enrolment.status == EnrolmentStatus::Active && enrolment.access_until.is_none_or(|until| until > crowd.now);
            let course = courses.iter().find(|course| open && course.id == enrolment.course)?;
            let left = course.lessons.iter().rev().skip(2).rev().find(|(lesson, kind)| {
                *kind == LessonKind::Text && !seed.progress.iter().any(|done| done.lesson == *lesson && done.completed_at.is_some())
            })?;
            let slug = &catalogue.iter().find(|one| one.id == course.id)?.slug;
            Some((slug.clone(), left.0.to_string()))
        });
        if let (Some((course, lesson)), true) = (open, seed.accounts.iter().all(|account| account.status.as_str() == "active")) {
            members.push(Member { email, course, lesson, cookie: String::new(), identity: String::new() });
        }
    }
    database.close().await;
    assert!(members.len() >= count.min(40), "only {} members", members.len());
    members
}

/// As if from another network each time: limits are for one.
fn elsewhere(turn: usize) -> String {
    format!("203.{}.{}.{}", turn / 65_536 % 200, turn / 256 % 256, turn % 256)
}

async fn sign_in(academy: &str, email: &str, turn: usize) -> String {
    let request = client().post(format!("{academy}/sign-in")).header("x-forwarded-for", elsewhere(turn));
    let answer = request
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(format!("email={email}&password={}", PASSWORD.replace(' ', "+")))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 303, "{email}");
    assert_eq!(answer.headers()[LOCATION], "/learning");
    let cookies = answer.headers().get_all(SET_COOKIE).into_iter();
    let pairs = cookies.map(|cookie| cookie.to_str().expect("ASCII").split(';').next().expect("a pair").to_owned());
    pairs.collect::<Vec<_>>().join("; ")
}

type Work = Box<dyn Fn(&Member, usize) -> reqwest::RequestBuilder + Send + Sync>;

/// An academy of one size, running, with members who are signed in.
struct Side {
    learners: u64,
    url: PostgresUrl,
    _home: Home,
    porter: Porter,
    members: Arc<Vec<Member>>,
    work: Vec<(&'static str, Arc<Work>)>,
    before: Vec<Scanned>,
    figures: BTreeMap<&'static str, Waits>,
}

impl Side {
    async fn open(learners: u64, people: usize) -> Self {
        let (home, url) = seeded(learners).await;
        let mut members = members(&url, learners, people).await;
        let before = scans(&url, LARGE).await;
        let porter = Launch::role(&home, "lms").env("PORTER_LMS__DATABASE__URL", url.reveal()).start();
        let academy = porter.academy.clone();
        // Once around, so that each size begins with what a running academy has in memory.
        for (turn, member) in members.iter_mut().enumerate() {
            member.cookie = sign_in(&academy, &member.email, turn).await;
            let identity =
                client().get(format!("{academy}/support-identity")).header(COOKIE, &member.cookie).send().await.expect("an answer");
            let identity: serde_json::Value = identity.json().await.expect("JSON");
            member.identity = identity["token"].as_str().expect("a token").to_owned();
        }
        let keys = std::fs::read_to_string(home.data().join("keys.toml")).expect("the academy's keys");
        let service = keys
            .lines()
            .find_map(|line| line.strip_prefix("service_token = "))
            .expect("the service token")
            .trim_matches('"')
            .to_owned();
        let work = work(&academy, &service);
        Self { learners, url, _home: home, porter, members: Arc::new(members), work, before, figures: BTreeMap::new() }
    }

    /// `count` times the work of that place in the list, after once around to warm up.
    async fn measure(&mut self, place: usize, count: usize) {
        let (name, work) = self.work[place].clone();
        for times in [self.members.len(), count] {
            let (work, members) = (work.clone(), self.members.clone());
            let waits = closed_loop(USERS, times, move |turn| {
                let request = work(&members[turn % members.len()], turn).header("x-forwarded-for", elsewhere(turn));
                async move {
                    let answer = request.send().await.expect("an answer");
                    let status = answer.status();
                    let text = answer.text().await.expect("the whole answer");
                    assert!(status.is_success(), "{name}: {status} {text}");
                }
            })
            .await;
            self.figures.insert(name, waits);
        }
    }

    async fn measure_sign_in(&mut self, count: usize) {
        let (academy, members) = (self.porter.academy.clone(), self.members.clone());
        let waits = closed_loop(USERS, count, move |turn| {
            let (academy, email) = (academy.clone(), members[turn % members.len()].email.clone());
            async move {
                sign_in(&academy, &email, 100_000 + turn).await;
            }
        });
        self.figures.insert("sign-in", waits.await);
    }

    /// No large table was read from end to end by what was done since it was opened.
    async fn end(self) -> BTreeMap<&'static str, Waits> {
        self.porter.stop();
        let after = scans(&self.url, LARGE).await;
        assert!(!is_drill() || after.len() >= 5, "there are large tables: {after:?}");
        for (before, after) in self.before.iter().zip(&after) {
            let (table, rows, read) = (&after.table, after.rows, after.read - before.read);
            assert!(read < rows, "{table} has {rows} rows, and {read} were read by going through it");
        }
        for (name, waits) in &self.figures {
            eprintln!("{:>9} learners, {name:14} {waits}", self.learners);
        }
        self.figures
    }
}

/// What a learner, and support on a learner's behalf, asks of the academy.
fn work(academy: &str, service: &str) -> Vec<(&'static str, Arc<Work>)> {
    let at = |path: &str| format!("{academy}{path}");
    let (learning, lesson, complete) = (at("/learning"), at("/learn"), at("/api/v1/lessons"));
    let support = |topic: &str| -> Work {
        let (url, service) = (at(topic), service.to_owned());
        Box::new(move |member, _| client().get(&url).bearer_auth(&service).header(IDENTITY, &member.identity))
    };
    let list: [(&'static str, Work); 5] = [
        ("my learning", Box::new(move |member, _| client().get(&learning).header(COOKIE, &member.cookie))),
        (
            "lesson",
            Box::new(move |member, _| {
                client().get(format!("{lesson}/{}/{}", member.course, member.lesson)).header(COOKIE, &member.cookie)
            }),
        ),
        (
            "completion",
            Box::new(move |member, _| {
                let request = client().post(format!("{complete}/{}/complete", member.lesson));
                request.header(COOKIE, &member.cookie).header("idempotency-key", new_id()).header("sec-fetch-site", "same-origin")
            }),
        ),
        ("diagnosis", support("/support/v1/me/diagnosis/certificate")),
        ("refund lookup", support("/support/v1/me/diagnosis/refund")),
    ];
    list.into_iter().map(|(name, work)| (name, Arc::new(work))).collect()
}

/// Both academies run at the same time and are measured in turns, so that whatever else the machine does falls upon both.
#[tokio::test(flavor = "multi_thread")]
async fn drill_million_a_person_waits_no_longer_among_a_million() {
    let (sizes, people, count) = if is_drill() { ([10_000, 1_000_000], 400, 4_000) } else { ([100, 1_500], 40, 80) };
    let mut sides = [Side::open(sizes[0], people).await, Side::open(sizes[1], people).await];
    for place in 0..sides[0].work.len() {
        for side in &mut sides {
            side.measure(place, count).await;
        }
    }
    for side in &mut sides {
        side.measure_sign_in(count / 4).await;
    }
    let [few, many] = sides;
    let all = [few.end().await, many.end().await];
    for (name, among_few) in &all[0] {
        let (few, many) = (among_few.quantile(990), all[1][name].quantile(990));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        eprintln!("{name:14} p99 among many is {ratio:.2} times that among few");
        assert!(!is_drill() || ratio <= 2.0, "{name}: {ratio:.2}");
    }
}
