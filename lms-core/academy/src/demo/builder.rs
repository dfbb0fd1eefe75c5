//! How histories are put together.

use std::time::Duration;

use porter_kernel::clock::Timestamp;
use porter_kernel::ids::Ids;
use sha2::{Digest as _, Sha256};

use super::content::CourseFolder;
use super::courses::CourseText;
use crate::domain::catalogue::ModuleId;
use crate::domain::{
    AccountId, AccountStatus, ChargeStatus, CourseId, EnrolmentStatus, LessonId, LessonKind, Money, OrderId, OrderStatus,
    RefundStatus, Role,
};
use crate::store::{
    Seed, SeedAccount, SeedCharge, SeedCourse, SeedEnrolment, SeedLesson, SeedLessonText, SeedModule, SeedOrder, SeedRefund,
};

/// The first order is the one after this.
const FIRST_NUMBER: u32 = 100_200;
/// How long a course stays open.
const ACCESS_DAYS: u64 = 730;
/// Every video of the demo academy.
const VIDEO: &str = "/media/demo-lesson.webm";
const CAPTIONS: &str = "/media/demo-lesson.vtt";
const METHODS: [&str; 5] =
    ["Visa ending 4242", "Mastercard ending 4444", "PayPal", "American Express ending 0005", "SEPA direct debit ending 3000"];

pub(super) struct Builder<'a> {
    pub(super) now: Timestamp,
    pub(super) ids: &'a dyn Ids,
    password_hash: &'a str,
    orders: u32,
    pub(super) seed: Seed,
}

/// A course that is in the seed.
#[derive(Clone)]
pub(super) struct Course {
    pub(super) id: CourseId,
    pub(super) slug: String,
    pub(super) price: Money,
    pub(super) lessons: Vec<(LessonId, LessonKind)>,
}

impl Course {
    pub(super) fn length(&self) -> usize {
        self.lessons.len()
    }
}

/// A learner who is in the seed.
#[derive(Clone, Copy)]
pub(super) struct Person {
    pub(super) id: AccountId,
    pub(super) email: &'static str,
    method: &'static str,
}

/// An order that is in the seed.
#[derive(Clone)]
pub(super) struct Order {
    pub(super) id: OrderId,
    pub(super) at: Timestamp,
    pub(super) price: Money,
    method: &'static str,
}

impl<'a> Builder<'a> {
    pub(super) fn new(now: Timestamp, ids: &'a dyn Ids, password_hash: &'a str) -> Self {
        Self { now, ids, password_hash, orders: 0, seed: Seed::default() }
    }

    pub(super) fn days_ago(&self, days: u64) -> Timestamp {
        self.hours_ago(days * 24)
    }

    pub(super) fn hours_ago(&self, hours: u64) -> Timestamp {
        self.now - Duration::from_secs(hours * 3_600)
    }

    pub(super) fn in_days(&self, days: u64) -> Timestamp {
        self.now + Duration::from_secs(days * 86_400)
    }

    /// A course without modules and texts, which is not in the catalogue.
    pub(super) fn course(&mut self, text: &CourseText) -> Course {
        let price = Money { minor: text.price, currency: "EUR".to_owned() };
        let id = CourseId(self.ids.uuid());
        self.seed.courses.push(SeedCourse {
            id,
            slug: text.slug.to_owned(),
            title: text.title.to_owned(),
            summary: text.summary.to_owned(),
            signatory: text.signatory.to_owned(),
            signatory_role: text.signatory_role.to_owned(),
            price: price.clone(),
            pass_percent: 70,
            starts_at: None,
            published: false,
        });
        let mut course = Course { id, slug: text.slug.to_owned(), price, lessons: Vec::new() };
        for (kind, title, minutes) in text.lessons {
            self.lesson(&mut course, *kind, title, *minutes);
        }
        course
    }

    /// The next lesson of a course.
    fn lesson(&mut self, course: &mut Course, kind: LessonKind, title: &str, minutes: i64) -> LessonId {
        let id = LessonId(self.ids.uuid());
        course.lessons.push((id, kind));
        self.seed.lessons.push(SeedLesson {
            id,
            course: course.id,
            position: i64::try_from(course.lessons.len()).unwrap_or_default(),
            title: title.to_owned(),
            kind,
            minutes,
        });
        id
    }

    /// A course of a folder, with its modules and texts.
    pub(super) fn folder(&mut self, folder: &CourseFolder) -> Course {
        let file = &folder.course;
        let price = Money { minor: file.price, currency: "EUR".to_owned() };
        let id = CourseId(self.ids.uuid());
        self.seed.courses.push(SeedCourse {
            id,
            slug: folder.slug.clone(),
            title: file.title.clone(),
            summary: file.summary.clone(),
            signatory: file.signatory.clone(),
            signatory_role: file.signatory_role.clone(),
            price: price.clone(),
            pass_percent: 70,
            starts_at: file.starts_in_days.map(|days| self.in_days(days)),
            published: true,
        });
        let mut course = Course { id, slug: folder.slug.clone(), price, lessons: Vec::new() };
        for (place, part) in (1..).zip(&file.module) {
            let module = ModuleId(self.ids.uuid());
            self.seed.modules.push(SeedModule { id: module, course: id, place, title: part.title.clone() });
            for lesson in &part.lesson {
                let kind = lesson.kind.lesson();
                let video = kind == LessonKind::Video;
                let id = self.lesson(&mut course, kind, &lesson.title, lesson.minutes);
                self.seed.lesson_texts.push(SeedLessonText {
                    lesson: id,
                    module: Some(module),
                    body: folder.text(lesson, "md").unwrap_or_default(),
                    media: video.then(|| VIDEO.to_owned()),
                    captions: video.then(|| CAPTIONS.to_owned()),
                });
            }
        }
        course
    }

    /// Lets the person with this address teach the course; opens an account for who has none yet.
    pub(super) fn instructor(&mut self, email: &str, name: &str, course: CourseId) {
        let known = self.seed.accounts.iter().find(|account| account.email == email).map(|account| account.id);
        let id = known.unwrap_or_else(|| AccountId(self.ids.uuid()));
        if known.is_none() {
            self.seed.accounts.push(SeedAccount {
                id,
                email: email.to_owned(),
                name: name.to_owned(),
                role: Role::Instructor,
                status: AccountStatus::Active,
                password_hash: self.password_hash.to_owned(),
                created_at: self.days_ago(700),
            });
        }
        self.seed.teaching.push((id, course));
    }

    pub(super) fn account(&mut self, email: &'static str, name: &str, role: Role, days: u64) -> Person {
        let id = AccountId(self.ids.uuid());
        self.seed.accounts.push(SeedAccount {
            id,
            email: email.to_owned(),
            name: name.to_owned(),
            role,
            status: AccountStatus::Active,
            password_hash: self.password_hash.to_owned(),
            created_at: self.days_ago(days),
        });
        let choice = usize::try_from(mix(email, 0) % 5).unwrap_or_default();
        Person { id, email, method: METHODS.get(choice).copied().unwrap_or("PayPal") }
    }

    /// A learner who opened an account so many days ago.
    pub(super) fn learner(&mut self, email: &'static str, name: &str, days: u64) -> Person {
        self.account(email, name, Role::Learner, days)
    }

    pub(super) fn lock(&mut self, person: Person) {
        for account in self.seed.accounts.iter_mut().filter(|account| account.id == person.id) {
            account.status = AccountStatus::Locked;
        }
    }

    pub(super) fn order(&mut self, person: Person, course: &Course, status: OrderStatus, at: Timestamp) -> Order {
        self.orders += 1;
        let id = OrderId(self.ids.uuid());
        self.seed.orders.push(SeedOrder {
            id,
            number: format!("NL-{}", FIRST_NUMBER + self.orders),
            account: person.id,
            course: course.id,
            total: course.price.clone(),
            status,
            created_at: at,
        });
        Order { id, at, price: course.price.clone(), method: person.method }
    }

    /// A charge of the whole price.
    pub(super) fn charge(&mut self, order: &Order, status: ChargeStatus, at: Timestamp) {
        self.charge_of(order, order.price.minor, status, at);
    }

    pub(super) fn charge_of(&mut self, order: &Order, minor: i64, status: ChargeStatus, at: Timestamp) {
        self.seed.charges.push(SeedCharge {
            id: self.ids.uuid(),
            order: order.id,
            amount: Money { minor, ..order.price.clone() },
            method: order.method.to_owned(),
            status,
            charged_at: at,
        });
    }

    /// A refund of the whole price that was asked for at `at`; `then` fills in what followed.
    pub(super) fn refund(&mut self, order: &Order, status: RefundStatus, at: Timestamp, then: impl FnOnce(&mut SeedRefund)) {
        let mut refund = SeedRefund {
            id: self.ids.uuid(),
            order: order.id,
            amount: order.price.clone(),
            status,
            requested_at: at,
            decided_at: None,
            sent_at: None,
            settled_at: None,
            reason: None,
        };
        then(&mut refund);
        self.seed.refunds.push(refund);
    }

    pub(super) fn enrol(&mut self, person: Person, course: &Course, order: Option<&Order>, status: EnrolmentStatus, at: Timestamp) {
        let opened = status != EnrolmentStatus::Pending;
        self.seed.enrolments.push(SeedEnrolment {
            account: person.id,
            course: course.id,
            order: order.map(|order| order.id),
            status,
            enrolled_at: at,
            activated_at: opened.then(|| at + Duration::from_secs(40)),
            access_until: opened.then(|| at + Duration::from_secs(ACCESS_DAYS * 86_400)),
            stuck_reason: None,
        });
    }

    /// Bought, paid and opened so many days ago.
    pub(super) fn buy(&mut self, person: Person, course: &Course, days: u64) -> Order {
        let at = self.hours_ago(days * 24 + mix(person.email, days) % 12);
        let order = self.order(person, course, OrderStatus::Paid, at);
        self.charge(&order, ChargeStatus::Captured, at + Duration::from_secs(20));
        self.enrol(person, course, Some(&order), EnrolmentStatus::Active, at + Duration::from_secs(30));
        order
    }
}

/// A number that follows from the text and `salt`, and looks like chance.
pub(super) fn mix(text: &str, salt: u64) -> u64 {
    let digest = Sha256::digest(format!("{text}/{salt}"));
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
