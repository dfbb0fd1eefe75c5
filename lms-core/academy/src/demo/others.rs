//! Staff, learners without a special story, and two who mean ill.

use super::builder::{Builder, Course};
use super::courses::Courses;
use super::{ADMINISTRATOR, CASEY_STONE, HOSTILE_NAME, NOAH_WILLIAMS, ROBIN_VALE, STEERING_NAME, SUPPORT_AGENT};
use crate::domain::Role;

pub(super) fn staff(builder: &mut Builder<'_>) {
    builder.account(SUPPORT_AGENT, "Mina Sorensen", Role::SupportAgent, 400);
    builder.account(ADMINISTRATOR, "Theo Brandt", Role::Administrator, 900);
}

pub(super) fn build(builder: &mut Builder<'_>, courses: &Courses) {
    half_way(builder, courses);
    certified(builder, courses);
    just_begun(builder, courses);
    hostile(builder, courses);
}

/// Address, name, and the courses with how many of their lessons are finished.
type HalfWay<'a> = (&'static str, &'static str, &'a [(&'a Course, usize)]);

fn half_way(builder: &mut Builder<'_>, courses: &Courses) {
    let learners: [HalfWay<'_>; 6] = [
        ("wen.li@learner.example", "Wen Li", &[(&courses.data, 7), (&courses.spanish, 4)]),
        ("ahmed.mansour@learner.example", "Ahmed Mansour", &[(&courses.security, 6)]),
        ("beatriz.silva@learner.example", "Beatriz Silva", &[(&courses.writing, 5)]),
        ("daiki.tanaka@learner.example", "Daiki Tanaka", &[(&courses.photography, 5)]),
        ("fatima.benali@learner.example", "Fatima Zahra Benali", &[(&courses.projects, 8), (&courses.writing, 2)]),
        ("george.papadopoulos@learner.example", "George Papadopoulos", &[(&courses.spanish, 9)]),
    ];
    for ((email, name, taken), days) in learners.into_iter().zip([64, 58, 51, 47, 80, 93]) {
        let person = builder.learner(email, name, days + 5);
        for (course, count) in taken {
            builder.buy(person, course, days);
            builder.study(person, course, *count, (days - 1, 2), &[]);
        }
    }
}

fn certified(builder: &mut Builder<'_>, courses: &Courses) {
    let learners: [(&str, &str, &Course); 6] = [
        ("carlos.jimenez@learner.example", "Carlos Jiménez", &courses.photography),
        ("eva.lindgren@learner.example", "Eva Lindgren", &courses.writing),
        ("hyejin.park@learner.example", "Hye-jin Park", &courses.data),
        ("ingrid.nilsen@learner.example", "Ingrid Nilsen", &courses.security),
        ("katarina.horvat@learner.example", "Katarina Horvat", &courses.projects),
        ("mei.chen@learner.example", "Mei Chen (陈美)", &courses.spanish),
    ];
    for ((email, name, course), days) in learners.into_iter().zip([210, 175, 140, 133, 118, 101]) {
        let person = builder.learner(email, name, days + 3);
        builder.certify(person, course, (days, days / 2));
    }
    // One course behind them, and in the middle of the next.
    let zofia = builder.learner("zofia.wojcik@learner.example", "Zofia Wójcik", 300);
    builder.certify(zofia, &courses.writing, (290, 230));
    builder.buy(zofia, &courses.data, 49);
    builder.study(zofia, &courses.data, 6, (48, 3), &[]);
}

fn just_begun(builder: &mut Builder<'_>, courses: &Courses) {
    let learners: [(&str, &str, &Course, usize); 4] = [
        ("joao.ferreira@learner.example", "João Ferreira", &courses.data, 2),
        ("liam.oconnor@learner.example", "Liam O'Connor", &courses.security, 1),
        ("olga.ivanova@learner.example", "Olga Ivanova", &courses.photography, 1),
        ("pedro.santos@learner.example", "Pedro Santos", &courses.spanish, 0),
    ];
    for ((email, name, course, count), days) in learners.into_iter().zip([6, 9, 4, 13]) {
        let person = builder.learner(email, name, days + 1);
        builder.buy(person, course, days);
        builder.study(person, course, count, (days - 1, 1), &[]);
    }
    builder.learner(NOAH_WILLIAMS, "Noah Williams", 1);
}

fn hostile(builder: &mut Builder<'_>, courses: &Courses) {
    let robin = builder.learner(ROBIN_VALE, HOSTILE_NAME, 200);
    builder.certify(robin, &courses.archived, (190, 150));
    builder.buy(robin, &courses.data, 20);
    builder.study(robin, &courses.data, 3, (19, 4), &[]);

    let casey = builder.learner(CASEY_STONE, STEERING_NAME, 160);
    builder.certify(casey, &courses.photography, (155, 120));
}
