//! Histories about learning: certificates, quizzes, lessons and access.

use std::time::Duration;

use super::builder::Builder;
use super::courses::Courses;
use super::{
    ANNA_KELLER, BRUNO_COSTA, CHIDI_EZE, FARID_HADDAD, HANNA_BERG, IVAN_PETROV, OLIVER_SMITH, PRIYA_SHARMA, QUENTIN_DUBOIS,
    ROSA_MORENO, SAMUEL_OKAFOR, VICTOR_LINDQVIST, YUSUF_KAYA,
};
use crate::domain::{CertificateRequestStatus, ChargeStatus, EnrolmentStatus, OrderStatus};

pub(super) fn build(builder: &mut Builder<'_>, courses: &Courses) {
    certificates(builder, courses);
    super::payers::dana_levi(builder, courses);
    lessons(builder, courses);
    access(builder, courses);
}

fn certificates(builder: &mut Builder<'_>, courses: &Courses) {
    let anna = builder.learner(ANNA_KELLER, "Anna Keller", 130);
    builder.certify(anna, &courses.data, (120, 41));

    let bruno = builder.learner(BRUNO_COSTA, "Bruno Costa", 260);
    builder.certify(bruno, &courses.writing, (250, 190));
    builder.certify(bruno, &courses.photography, (150, 96));

    let chidi = builder.learner(CHIDI_EZE, "Chidi Eze", 80);
    builder.buy(chidi, &courses.data, 75);
    builder.study(chidi, &courses.data, courses.data.length(), (74, 3), &[(3, &[55, 62])]);
}

fn lessons(builder: &mut Builder<'_>, courses: &Courses) {
    let farid = builder.learner(FARID_HADDAD, "Farid Haddad", 100);
    builder.complete(farid, &courses.security, (95, 6));
    let asked = builder.days_ago(6);
    let reason = "The certificate could not be drawn.";
    builder.request(farid, &courses.security, CertificateRequestStatus::Failed, asked, Some(reason));

    let hanna = builder.learner(HANNA_BERG, "Hanna Berg", 60);
    builder.buy(hanna, &courses.projects, 55);
    builder.study(hanna, &courses.projects, 5, (54, 20), &[]);
    builder.lock(hanna);

    let ivan = builder.learner(IVAN_PETROV, "Ivan Petrov", 45);
    builder.buy(ivan, &courses.photography, 40);
    builder.study(ivan, &courses.photography, 4, (39, 6), &[]);
    builder.begin(ivan, &courses.photography, 4, 60, 2);

    let rosa = builder.learner(ROSA_MORENO, "Rosa Moreno", 70);
    builder.complete(rosa, &courses.writing, (65, 0));
    let asked = builder.hours_ago(0);
    builder.request(rosa, &courses.writing, CertificateRequestStatus::Queued, asked, None);

    let samuel = builder.learner(SAMUEL_OKAFOR, "Samuel Okafor", 90);
    builder.complete(samuel, &courses.spanish, (85, 4));

    let victor = builder.learner(VICTOR_LINDQVIST, "Victor Lindqvist", 50);
    builder.buy(victor, &courses.security, 44);
    builder.study(victor, &courses.security, 5, (43, 9), &[]);
    builder.begin(victor, &courses.security, 5, 97, 8);

    let yusuf = builder.learner(YUSUF_KAYA, "Yusuf Kaya", 66);
    builder.buy(yusuf, &courses.projects, 60);
    builder.study(yusuf, &courses.projects, courses.projects.length(), (59, 5), &[(2, &[48, 61, 66])]);
}

fn access(builder: &mut Builder<'_>, courses: &Courses) {
    let oliver = builder.learner(OLIVER_SMITH, "Oliver Smith", 30);
    builder.buy(oliver, &courses.spanish, 28);

    let priya = builder.learner(PRIYA_SHARMA, "Priya Sharma", 12);
    builder.buy(priya, &courses.statistics, 10);

    // Two years and a month: the access has run out with two lessons to go.
    let quentin = builder.learner(QUENTIN_DUBOIS, "Quentin Dubois", 770);
    let bought = builder.days_ago(760);
    let order = builder.order(quentin, &courses.writing, OrderStatus::Paid, bought);
    builder.charge(&order, ChargeStatus::Captured, bought + Duration::from_secs(15));
    builder.enrol(quentin, &courses.writing, Some(&order), EnrolmentStatus::Active, bought + Duration::from_secs(20));
    builder.study(quentin, &courses.writing, courses.writing.length() - 2, (755, 600), &[]);
}
