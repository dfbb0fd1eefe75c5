//! What learners have done in their courses.

use std::time::Duration;

use porter_kernel::clock::Timestamp;
use sha2::{Digest as _, Sha256};

use super::builder::{Builder, Course, Person, mix};
use crate::domain::{CertificateRequestStatus, EnrolmentStatus, LessonId, LessonKind};
use crate::store::{SeedAttempt, SeedCertificate, SeedCertificateRequest, SeedProgress};

/// Without letters that look like figures.
const CODE_LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl Builder<'_> {
    /// The first `count` lessons are finished, evenly between the two days. `results` says how the attempts at a quiz (counted from 1) went;
    /// the others were passed.
    pub(super) fn study(&mut self, person: Person, course: &Course, count: usize, days: (u64, u64), results: &[(usize, &[i64])]) {
        let (from, to) = (days.0 * 24 * 60, days.1 * 24 * 60);
        let lessons: Vec<_> = course.lessons.iter().copied().take(count).collect();
        let steps = u64::try_from(lessons.len()).unwrap_or(1).max(1);
        let mut quizzes = 0;
        for (place, (lesson, kind)) in (1..).zip(lessons) {
            let minutes = from.saturating_sub(from.saturating_sub(to) * place / steps);
            let at = self.now - Duration::from_secs((minutes + mix(person.email, place) % 50) * 60);
            let mut percent = 100;
            if kind == LessonKind::Quiz {
                quizzes += 1;
                let given = results.iter().find(|(quiz, _)| *quiz == quizzes).map(|(_, results)| results.to_vec());
                let attempts = given.unwrap_or_else(|| passed(person.email, place));
                percent = attempts.iter().copied().max().unwrap_or_default();
                self.attempts(person, lesson, &attempts, at);
            }
            let completed_at = Some(at);
            self.seed.progress.push(SeedProgress { account: person.id, lesson, percent, completed_at, updated_at: at });
        }
    }

    /// The last attempt was at `at`, each one before it a day earlier.
    fn attempts(&mut self, person: Person, lesson: LessonId, percents: &[i64], at: Timestamp) {
        let days = (0..u64::try_from(percents.len()).unwrap_or_default()).rev();
        for ((attempt, percent), day) in (1..).zip(percents).zip(days) {
            self.seed.attempts.push(SeedAttempt {
                account: person.id,
                lesson,
                attempt,
                percent: *percent,
                submitted_at: at - Duration::from_secs(day * 86_400),
            });
        }
    }

    /// The next lesson after the first `count` was begun, and not finished.
    pub(super) fn begin(&mut self, person: Person, course: &Course, count: usize, percent: i64, days: u64) {
        if let Some((lesson, _)) = course.lessons.get(count).copied() {
            let updated_at = self.days_ago(days);
            self.seed.progress.push(SeedProgress { account: person.id, lesson, percent, completed_at: None, updated_at });
        }
    }

    /// All lessons are finished: bought on the first day, finished on the second.
    pub(super) fn complete(&mut self, person: Person, course: &Course, days: (u64, u64)) {
        self.buy(person, course, days.0);
        self.study(person, course, course.length(), days, &[]);
    }

    /// As [`Self::complete`], with the certificate.
    pub(super) fn certify(&mut self, person: Person, course: &Course, days: (u64, u64)) {
        self.complete(person, course, days);
        let finished = self.days_ago(days.1);
        for enrolment in self.seed.enrolments.iter_mut().filter(|it| it.account == person.id && it.course == course.id) {
            enrolment.status = EnrolmentStatus::Completed;
        }
        self.request(person, course, CertificateRequestStatus::Issued, finished, None);
        self.seed.certificates.push(SeedCertificate {
            id: self.ids.uuid(),
            account: person.id,
            course: course.id,
            code: code(person.email, &course.slug),
            issued_at: finished + Duration::from_secs(600),
        });
    }

    pub(super) fn request(
        &mut self,
        person: Person,
        course: &Course,
        status: CertificateRequestStatus,
        at: Timestamp,
        reason: Option<&str>,
    ) {
        self.seed.certificate_requests.push(SeedCertificateRequest {
            account: person.id,
            course: course.id,
            status,
            requested_at: at,
            reason: reason.map(ToOwned::to_owned),
        });
    }
}

/// One attempt with 74 to 98 %, or two of which the first was not enough.
fn passed(email: &str, place: u64) -> Vec<i64> {
    let chance = mix(email, place);
    let percent = 74 + i64::try_from(chance % 25).unwrap_or_default();
    if chance.is_multiple_of(5) { vec![percent - 18, percent] } else { vec![percent] }
}

/// Such as `NL-7F3K-9QWD`.
fn code(email: &str, slug: &str) -> String {
    let digest = Sha256::digest(format!("{email}/{slug}"));
    let letters = digest.iter().take(8).map(|byte| CODE_LETTERS.get(usize::from(byte % 32)).copied().map_or('0', char::from));
    let letters: String = letters.collect();
    let (left, right) = letters.split_at(4);
    format!("NL-{left}-{right}")
}
