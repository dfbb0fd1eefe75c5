//! What one of them has bought, learned and asked for.

use std::time::Duration;

use porter_kernel::clock::Timestamp;
use uuid::Uuid;

use super::Crowd;
use super::chance::{Chance, id};
use super::person;
use crate::domain::{
    AccountId, AccountStatus, CertificateId, CertificateRequestStatus, ChargeStatus, EnrolmentStatus, IssuedCertificate,
    LessonKind, OrderId, OrderStatus, RefundStatus, Role,
};
use crate::store::{
    CrowdCourse, Seed, SeedAccount, SeedAttempt, SeedCertificateRequest, SeedCharge, SeedEnrolment, SeedOrder, SeedProgress,
    SeedRefund,
};

const DAY: u64 = 86_400;
/// The oldest account.
const OLDEST_DAYS: u64 = 900;
/// How long a course stays open.
const ACCESS_DAYS: u64 = 730;
/// Most courses that one person takes.
const COURSES: u64 = 4;
const METHODS: [&str; 6] = [
    "Visa ending 4242",
    "Visa ending 1881",
    "Mastercard ending 4444",
    "PayPal",
    "American Express ending 0005",
    "SEPA direct debit ending 3000",
];
/// Without letters that look like figures.
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// One learner who takes one course.
struct Taking<'a> {
    crowd: &'a Crowd,
    course: &'a CrowdCourse,
    number: u64,
    /// Which of this learner's courses it is, from 0.
    turn: u64,
    account: AccountId,
    name: &'a str,
    at: Timestamp,
}

pub(super) fn write(crowd: &Crowd, number: u64, seed: &mut Seed, certificates: &mut Vec<IssuedCertificate>) {
    let mut chance = Chance::of(number);
    let account = AccountId(id(&mut chance, number));
    let name = person::name(&mut chance);
    let age = chance.below(OLDEST_DAYS * DAY);
    let created_at = crowd.now - Duration::from_secs(age);
    seed.accounts.push(SeedAccount {
        id: account,
        email: person::address(number),
        name: name.clone(),
        role: Role::Learner,
        status: if chance.in_thousand(1) { AccountStatus::Locked } else { AccountStatus::Active },
        password_hash: crowd.password_hash.clone(),
        created_at,
    });
    // Some look and never begin; most take one course.
    let wanted =
        if chance.in_thousand(60) { 0 } else { 1 + u64::from(chance.in_thousand(420)) + u64::from(chance.in_thousand(120)) };
    let mut left: Vec<&CrowdCourse> = crowd.courses.iter().collect();
    let mut spent = age;
    for turn in 0..wanted.min(COURSES) {
        if left.is_empty() {
            break;
        }
        let place = usize::try_from(chance.below(u64::try_from(left.len()).unwrap_or(1))).unwrap_or_default();
        let course = left.swap_remove(place);
        spent = chance.below(spent.max(1));
        let taking = Taking { crowd, course, number, turn, account, name: &name, at: crowd.now - Duration::from_secs(spent) };
        taking.write(&mut chance, seed, certificates);
    }
}

impl Taking<'_> {
    fn write(&self, chance: &mut Chance, seed: &mut Seed, certificates: &mut Vec<IssuedCertificate>) {
        let order = (self.course.price.minor > 0).then(|| self.order(chance, seed));
        let status = match order.map(|(_, status)| status) {
            Some(OrderStatus::Failed | OrderStatus::Cancelled) => return,
            Some(OrderStatus::Open) => EnrolmentStatus::Pending,
            Some(OrderStatus::Refunded) => EnrolmentStatus::Cancelled,
            Some(OrderStatus::Paid) | None => EnrolmentStatus::Active,
        };
        let opened = status != EnrolmentStatus::Pending;
        let done = if opened { self.study(chance, seed, status == EnrolmentStatus::Cancelled) } else { None };
        let issued =
            done.filter(|_| status == EnrolmentStatus::Active).is_some_and(|at| self.certificate(chance, at, seed, certificates));
        seed.enrolments.push(SeedEnrolment {
            account: self.account,
            course: self.course.id,
            order: order.map(|(id, _)| id),
            status: if issued { EnrolmentStatus::Completed } else { status },
            enrolled_at: self.at,
            activated_at: opened.then(|| self.after(40)),
            access_until: opened.then(|| self.after(ACCESS_DAYS * DAY)),
            stuck_reason: None,
        });
    }

    /// So many seconds after it was bought, and never in the future.
    fn after(&self, seconds: u64) -> Timestamp {
        self.at + Duration::from_secs(seconds)
    }

    fn past(&self, seconds: u64) -> Timestamp {
        self.after(seconds).min(self.crowd.now)
    }

    fn id(&self, chance: &mut Chance) -> Uuid {
        id(chance, self.number)
    }

    fn order(&self, chance: &mut Chance, seed: &mut Seed) -> (OrderId, OrderStatus) {
        let id = OrderId(self.id(chance));
        let status = match chance.below(1_000) {
            0..25 => OrderStatus::Failed,
            25..30 => OrderStatus::Open,
            30..35 => OrderStatus::Cancelled,
            35..60 => OrderStatus::Refunded,
            _ => OrderStatus::Paid,
        };
        seed.orders.push(SeedOrder {
            id,
            // The demo's and new orders have six figures.
            number: format!("NL-9{:08}", self.number * COURSES + self.turn),
            account: self.account,
            course: self.course.id,
            total: self.course.price.clone(),
            status,
            created_at: self.at,
        });
        let charge = match status {
            OrderStatus::Failed => Some(ChargeStatus::Declined),
            OrderStatus::Paid | OrderStatus::Refunded => Some(ChargeStatus::Captured),
            OrderStatus::Open => Some(ChargeStatus::Authorised),
            OrderStatus::Cancelled => None,
        };
        if let Some(status) = charge {
            seed.charges.push(SeedCharge {
                id: self.id(chance),
                order: id,
                amount: self.course.price.clone(),
                method: chance.pick(&METHODS).copied().unwrap_or("PayPal").to_owned(),
                status,
                charged_at: self.after(20),
            });
        }
        let refund = match status {
            OrderStatus::Refunded => Some(RefundStatus::Settled),
            OrderStatus::Paid if chance.in_thousand(6) => {
                chance.pick(&[RefundStatus::Requested, RefundStatus::Sent, RefundStatus::Rejected]).copied()
            }
            _ => None,
        };
        if let Some(status) = refund {
            self.refund(chance, id, status, seed);
        }
        (id, status)
    }

    fn refund(&self, chance: &mut Chance, order: OrderId, status: RefundStatus, seed: &mut Seed) {
        let asked = (1 + chance.below(12)) * DAY;
        let later = |seconds: u64| Some(self.past(asked + seconds));
        let went_out = matches!(status, RefundStatus::Sent | RefundStatus::Settled);
        seed.refunds.push(SeedRefund {
            id: self.id(chance),
            order,
            amount: self.course.price.clone(),
            status,
            requested_at: self.past(asked),
            decided_at: if status == RefundStatus::Requested { None } else { later(DAY) },
            sent_at: if went_out { later(2 * DAY) } else { None },
            settled_at: if status == RefundStatus::Settled { later(6 * DAY) } else { None },
            reason: (status == RefundStatus::Rejected)
                .then(|| "More of the course was completed than the policy allows.".to_owned()),
        });
    }

    /// How far they came. The moment of the last lesson, when all are done and every quiz is passed.
    fn study(&self, chance: &mut Chance, seed: &mut Seed, gave_up: bool) -> Option<Timestamp> {
        let all = u64::try_from(self.course.lessons.len()).unwrap_or_default();
        let reach = match chance.below(100) {
            _ if gave_up => chance.below(3),
            0..18 => 0,
            18..70 => 1 + chance.below(all.max(2) - 1),
            _ => all,
        };
        let pace = DAY / 2 + chance.below(4 * DAY);
        let mut last = None;
        for (place, (lesson, kind)) in (0..reach).zip(&self.course.lessons) {
            let at = self.past((place + 1) * pace + chance.below(pace));
            let mut percent = 100;
            if *kind == LessonKind::Quiz {
                let first = 40 + i64::try_from(chance.below(61)).unwrap_or_default();
                let passed = first >= self.course.pass_percent;
                let second = (!passed).then(|| self.course.pass_percent + i64::try_from(chance.below(20)).unwrap_or_default());
                for (attempt, percent) in (1..).zip([Some(first), second].into_iter().flatten()) {
                    let submitted_at = if attempt == 1 && second.is_some() { at - Duration::from_secs(3_600) } else { at };
                    seed.attempts.push(SeedAttempt { account: self.account, lesson: *lesson, attempt, percent, submitted_at });
                }
                percent = second.unwrap_or(first).min(100);
            }
            seed.progress.push(SeedProgress {
                account: self.account,
                lesson: *lesson,
                percent,
                completed_at: Some(at),
                updated_at: at,
            });
            last = Some(at);
        }
        // Half of those under way have begun the next lesson.
        if reach < all && reach > 0 && chance.in_thousand(500) {
            let next = self.course.lessons.get(usize::try_from(reach).unwrap_or_default());
            if let Some((lesson, LessonKind::Video)) = next {
                let (percent, updated_at) = (5 + i64::try_from(chance.below(80)).unwrap_or_default(), last.unwrap_or(self.at));
                seed.progress.push(SeedProgress {
                    account: self.account,
                    lesson: *lesson,
                    percent,
                    completed_at: None,
                    updated_at,
                });
            }
        }
        last.filter(|_| reach == all && all > 0)
    }

    /// The certificate of who has done everything at `at`; `false` for the few whose making failed.
    fn certificate(&self, chance: &mut Chance, at: Timestamp, seed: &mut Seed, certificates: &mut Vec<IssuedCertificate>) -> bool {
        let failed = chance.in_thousand(4);
        seed.certificate_requests.push(SeedCertificateRequest {
            account: self.account,
            course: self.course.id,
            status: if failed { CertificateRequestStatus::Failed } else { CertificateRequestStatus::Issued },
            requested_at: at,
            reason: failed.then(|| "the drawing of the certificate took too long".to_owned()),
        });
        if failed {
            return false;
        }
        certificates.push(IssuedCertificate {
            id: CertificateId(self.id(chance)),
            account: self.account,
            course: self.course.id,
            course_title: self.course.title.clone(),
            learner_name: self.name.to_owned(),
            signatory: self.course.signatory.clone(),
            signatory_role: self.course.signatory_role.clone(),
            code: code(chance),
            issued_at: (at + Duration::from_mins(3)).min(self.crowd.now),
            revoked: None,
        });
        true
    }
}

/// `NL-7F3K-9QWD-2M5C`: 60 bits, as no two of a million may be the same.
fn code(chance: &mut Chance) -> String {
    let mut code = String::from("NL");
    for place in 0..12 {
        if place % 4 == 0 {
            code.push('-');
        }
        code.push(char::from(chance.pick(CODE_LETTERS).copied().unwrap_or(b'0')));
    }
    code
}
