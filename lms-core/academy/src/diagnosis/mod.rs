//! Why something is as it is: a fault tree for each topic, over the facts of one account.
//!
//! Pure functions: the same facts at the same time give the same findings. Each topic goes through its causes in a fixed order and names the
//! first that is true of a course or an order; what needs action comes before what is well. Nobody's guess is in here, and no fact of another account can be.

mod access;
mod certificate;
mod charge;
mod double;
mod enrolment;
mod finding;
mod lessons;
mod payment;
mod progress;
mod refund;
#[cfg(test)]
mod tests;
mod words;

use std::str::FromStr;

use porter_kernel::clock::Timestamp;

use crate::domain::{CourseFacts, OrderFacts, UnknownWord};
use crate::policy::Policy;

/// How much of the course is done, in percent of its lessons: what the refund policy goes by.
pub(crate) fn progress_percent(course: &CourseFacts) -> i64 {
    lessons::Lessons::of(course).share()
}

pub use finding::{Fact, Finding, Mood, Reason, Remedy};

/// More would be a list, not a reason.
pub const MAX_FINDINGS: usize = 5;

/// What can be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Why is there no certificate?
    Certificate,
    /// Why can I not see the course?
    Access,
    /// Why is something not counted?
    Progress,
    /// What was I charged for?
    Charge,
    /// Where is my refund?
    Refund,
}

impl Topic {
    pub const ALL: [Self; 5] = [Self::Certificate, Self::Access, Self::Progress, Self::Charge, Self::Refund];

    /// The word in the path.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "certificate",
            Self::Access => "access",
            Self::Progress => "progress",
            Self::Charge => "charge",
            Self::Refund => "refund",
        }
    }
}

impl FromStr for Topic {
    type Err = UnknownWord;

    fn from_str(word: &str) -> Result<Self, UnknownWord> {
        Self::ALL
            .into_iter()
            .find(|topic| topic.as_str() == word)
            .ok_or_else(|| UnknownWord { set: "topic", word: word.to_owned() })
    }
}

/// What is known of one account: what [`Learning`](crate::store::Learning) reads.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    pub courses: &'a [CourseFacts],
    pub orders: &'a [OrderFacts],
}

/// What the facts say on `topic`, the most relevant first; one to [`MAX_FINDINGS`] findings.
///
/// `order` narrows the question to an order's number. A number that is none of the account's gives exactly one finding, whether the order is
/// somebody else's or does not exist: the function does not know the difference.
#[must_use]
pub fn diagnose(topic: Topic, facts: Facts<'_>, order: Option<&str>, policy: &Policy, now: Timestamp) -> Vec<Finding> {
    let (orders, courses);
    let narrowed = match order {
        None => facts,
        Some(number) => {
            let number = words::order_number(number);
            let Some(own) = facts.orders.iter().find(|own| own.number.eq_ignore_ascii_case(&number)) else {
                return vec![finding::no_such_order(&number)];
            };
            // Money is a matter of one order; a course may have been opened by another order for it.
            let concerns = |order: &&OrderFacts| match topic {
                Topic::Charge | Topic::Refund => order.id == own.id,
                Topic::Certificate | Topic::Access | Topic::Progress => order.course == own.course,
            };
            orders = facts.orders.iter().filter(concerns).cloned().collect::<Vec<_>>();
            courses = facts.courses.iter().filter(|course| course.course == own.course).cloned().collect::<Vec<_>>();
            Facts { courses: &courses, orders: &orders }
        }
    };
    let mut found = match topic {
        Topic::Certificate => certificate::diagnose(narrowed, policy, now),
        Topic::Access => access::diagnose(narrowed, policy, now),
        Topic::Progress => progress::diagnose(narrowed, policy, now),
        Topic::Charge => charge::diagnose(narrowed.orders, facts.orders, policy, now),
        Topic::Refund => refund::diagnose(narrowed, facts.orders, policy, now),
    };
    found.truncate(MAX_FINDINGS);
    found
}
