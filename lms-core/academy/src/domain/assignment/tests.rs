use std::time::Duration;

use porter_kernel::clock::{Clock as _, ManualClock};
use proptest::prelude::*;

use super::file::{Check, FileType, Unwanted, clean_name};
use super::*;
use crate::domain::gradebook::{Scheme, Standing, total};

const TEXT: &str = r#"
title = "A project"
instructions = "Do *this*."
due_days = 21
pass_percent = 60
late = "penalty"
late_percent_per_day = 10
late_percent_max = 50
types = ["pdf", "csv"]
[[criterion]]
title = "The question"
points = 20
levels = [ { points = 20, text = "Clear" }, { points = 12, text = "Vague" }, { points = 0, text = "None" } ]
[[criterion]]
title = "The chart"
points = 10
levels = [ { points = 10, text = "Honest" }, { points = 0, text = "Misleading" } ]
"#;

#[test]
fn an_assignment_is_read_as_it_is_written() {
    let assignment = parse(TEXT).unwrap();
    assert_eq!((assignment.title.as_str(), assignment.due_days, assignment.pass_percent), ("A project", Some(21), 60));
    assert_eq!(assignment.late, LateRule::Penalty { percent_per_day: 10, percent_max: 50 });
    assert_eq!(assignment.types, [FileType::Pdf, FileType::Csv]);
    assert_eq!((points(&assignment.rubric), assignment.rubric.len()), (30, 2));
    assert_eq!((assignment.max_files, assignment.max_bytes, assignment.category), (5, 20_000_000, Category::Assignments));
}

#[test]
fn every_mistake_is_named() {
    for (from, to, says) in [
        ("title = \"A project\"", "titel = \"A project\"", "titel"),
        ("pass_percent = 60", "pass_percent = 101", "pass_percent is 101, and must be 0 to 100"),
        ("late_percent_max = 50", "late_percent_max = 5", "late_percent_max is 5, and must be 10 to 100"),
        ("late_percent_max = 50\n", "", "needs late_percent_per_day and late_percent_max"),
        ("late = \"penalty\"", "late = \"refuse\"", "with late = \"penalty\" only"),
        ("late = \"penalty\"", "late = \"shrug\"", "must be \"refuse\", \"accept\" or \"penalty\""),
        ("\"csv\"", "\"exe\"", "\"exe\" is not a type of file"),
        (
            "{ points = 20, text = \"Clear\" }",
            "{ points = 19, text = \"Clear\" }",
            "criterion 1 (\"The question\"): its first level",
        ),
        ("{ points = 12, text = \"Vague\" }", "{ points = 20, text = \"Vague\" }", "from the best to the least"),
        ("due_days = 21", "due_days = 0", "due_days is 0"),
        ("due_days = 21", "due_days = 21\ndue_at = \"2026-12-01T00:00:00Z\"", "exclude each other"),
        ("due_days = 21", "due_days = ", "line 4"),
        ("Do *this*.", " ", "instructions is empty"),
    ] {
        let error = parse(&TEXT.replacen(from, to, 1)).unwrap_err().to_string();
        assert!(error.contains(says), "{to}: {error}");
    }
}

#[test]
fn an_extension_counts_before_all_else() {
    let assignment = parse(TEXT).unwrap();
    let now = ManualClock::default().now();
    let day = Duration::from_secs(86_400);
    assert_eq!(due(&assignment, now, None), Some(now + day * 21));
    assert_eq!(due(&assignment, now, Some(now + day * 2)), Some(now + day * 2));
    let fixed = Assignment { due_at: Some(now + day), ..assignment };
    assert_eq!(due(&fixed, now, None), Some(now + day));
    assert_eq!(due(&Assignment { due_at: None, due_days: None, ..fixed }, now, None), None);
}

#[test]
fn a_day_that_has_begun_counts_and_the_deadline_itself_is_on_time() {
    let (rule, now) = (LateRule::Penalty { percent_per_day: 10, percent_max: 50 }, ManualClock::default().now());
    let after = |micros| lateness(rule, Some(now), now + Duration::from_micros(micros));
    let day = 86_400_000_000;
    assert_eq!(after(0), Lateness { days: 0, cost: 0, refused: false });
    assert_eq!((after(1).days, after(1).cost), (1, 1_000));
    assert_eq!((after(day).days, after(day + 1).days), (1, 2));
    assert_eq!((after(day * 400).cost, after(day * 400).applied_to(9_000)), (5_000, 4_500));
    assert!(lateness(LateRule::Refuse, Some(now), now + Duration::from_micros(1)).refused);
    assert!(!lateness(LateRule::Refuse, Some(now), now).refused && !lateness(LateRule::Refuse, None, now).refused);
    assert_eq!(lateness(LateRule::Accept, Some(now - Duration::from_hours(9)), now).applied_to(7_777), 7_777);
}

#[test]
fn marks_must_fit_the_rubric() {
    let rubric = parse(TEXT).unwrap().rubric;
    let mark = |points| Mark { points, comment: String::new() };
    assert_eq!(percent(&rubric, &[mark(12), mark(10)]), Ok(7_333));
    assert_eq!(percent(&rubric, &[mark(20), mark(10)]), Ok(10_000));
    assert_eq!(percent(&rubric, &[mark(0)]), Err(MarkError::Count { rubric: 2, marks: 1 }));
    let error = percent(&rubric, &[mark(13), mark(10)]).unwrap_err();
    assert_eq!(error.to_string(), "“The question” has no level worth 13 points");
}

#[test]
fn names_of_strangers_become_names() {
    for (name, clean) in [
        ("report.pdf", "report.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\My report.docx", "My report.docx"),
        ("..", "file"),
        ("", "file"),
        (".htaccess", "htaccess"),
        ("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie_ x=1.pdf"),
        ("evil\u{202e}fdp.exe", "evilfdp.exe"),
        ("\"quoted\".pdf", "_quoted_.pdf"),
        ("n\0ul.txt", "nul.txt"),
        ("grüße 陈.md", "grüße 陈.md"),
        (".pdf", "pdf"),
    ] {
        assert_eq!(clean_name(name), clean, "{name:?}");
    }
    assert!(clean_name(&format!("{}.pdf", "x".repeat(5_000))).chars().count() <= 110);
}

fn look(kind: FileType, bytes: &[u8], step: usize) -> Result<u64, Unwanted> {
    let mut check = Check::new(kind, 1_000);
    bytes.chunks(step).try_for_each(|piece| check.piece(piece))?;
    check.end()
}

#[test]
fn a_file_is_what_its_name_says() {
    let zip = b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaa[Content_Types].xml and so on and so on and so on and so on".as_slice();
    let plain = b"PK\x03\x04aaaaaaaaaaaaaaaaaaaaaaaaaa../../../evil.sh and so on and so on and so on and so on".as_slice();
    let html = b"<html><script>alert(1)</script></html>".as_slice();
    for step in [1, 7, 64, 1_000] {
        assert_eq!(look(FileType::Pdf, b"%PDF-1.7 ...", step), Ok(12));
        assert_eq!(look(FileType::Docx, zip, step), Ok(u64::try_from(zip.len()).unwrap()));
        assert_eq!(look(FileType::Zip, plain, step), Ok(u64::try_from(plain.len()).unwrap()));
        assert_eq!(look(FileType::Txt, "grüße 陈".as_bytes(), step), Ok(11));
        for (kind, bytes) in [
            (FileType::Pdf, html),
            (FileType::Png, html),
            (FileType::Docx, plain),
            (FileType::Xlsx, html),
            (FileType::Jpg, b"%PDF-1.7".as_slice()),
            (FileType::Csv, b"a,b\xff".as_slice()),
            (FileType::Txt, b"a\0b".as_slice()),
            (FileType::Md, b"half a character \xc3".as_slice()),
        ] {
            assert_eq!(look(kind, bytes, step), Err(Unwanted::Disguised), "{kind:?} {step}");
        }
        assert_eq!(look(FileType::Pdf, b"", step), Err(Unwanted::Empty));
        assert_eq!(look(FileType::Txt, &[b'x'; 1_001], step), Err(Unwanted::TooLarge));
    }
    assert_eq!((FileType::of("a.JPEG"), FileType::of("a.exe"), FileType::of("pdf")), (Some(FileType::Jpg), None, None));
}

fn trials() -> u32 {
    std::env::var("PORTER_TRIALS").ok().and_then(|trials| trials.parse().ok()).unwrap_or(256)
}

fn rule() -> impl Strategy<Value = LateRule> {
    prop_oneof![
        Just(LateRule::Refuse),
        Just(LateRule::Accept),
        (0..=100i64, 0..=100i64).prop_map(|(percent_per_day, percent_max)| LateRule::Penalty { percent_per_day, percent_max }),
    ]
}

fn standing() -> impl Strategy<Value = Standing> {
    prop_oneof![4 => (0..=10_000i64).prop_map(Standing::Scored), 1 => Just(Standing::Missing), 1 => Just(Standing::Waiting), 1 => Just(Standing::NotYet)]
}

fn scores() -> impl Strategy<Value = Vec<(Category, Standing)>> {
    let category = prop_oneof![Just(Category::Quizzes), Just(Category::Assignments), Just(Category::Participation)];
    prop::collection::vec((category, standing()), 0..20)
}

fn scheme() -> impl Strategy<Value = Scheme> {
    (0..=100i64, 0..=100i64, 0..=100i64, 0..3i64, 0..3i64).prop_map(
        |(quizzes, assignments, participation, drop_quizzes, drop_assignments)| Scheme {
            quizzes,
            assignments,
            participation,
            drop_quizzes,
            drop_assignments,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(trials()))]

    #[test]
    fn later_never_scores_more(rule in rule(), raw in 0..=10_000i64, early in 0..9_000_000u64, more in 0..9_000_000u64) {
        let due = ManualClock::default().now();
        let begin = due - Duration::from_secs(1_000_000);
        let score = |seconds| lateness(rule, Some(due), begin + Duration::from_secs(seconds)).applied_to(raw);
        prop_assert!(score(early) >= score(early + more));
        prop_assert!((0..=raw).contains(&score(early)));
        // More work is never worth less, however late.
        let late = lateness(rule, Some(due), begin + Duration::from_secs(early));
        prop_assert!(late.applied_to(raw) <= late.applied_to((raw + 1).min(10_000)));
    }

    #[test]
    fn an_extension_never_costs(rule in rule(), raw in 0..=10_000i64, at in 0..9_000_000u64, more in 0..9_000_000u64) {
        let now = ManualClock::default().now();
        let (due, at) = (now + Duration::from_secs(2_000_000), now + Duration::from_secs(at));
        let with = lateness(rule, Some(due + Duration::from_secs(more)), at).applied_to(raw);
        prop_assert!(with >= lateness(rule, Some(due), at).applied_to(raw));
    }

    #[test]
    fn the_total_lies_between_the_scores(scheme in scheme(), scores in scores()) {
        let counted: Vec<i64> = scores.iter().filter_map(|(_, standing)| standing.counted()).collect();
        match total(scheme, &scores) {
            Some(total) => prop_assert!(counted.iter().min().is_some_and(|least| *least <= total) && counted.iter().max().is_some_and(|most| total <= *most)),
            None => {
                let weightless = |of| [(Category::Quizzes, scheme.quizzes), (Category::Assignments, scheme.assignments), (Category::Participation, scheme.participation)].contains(&(of, 0));
                let nothing = scores.iter().filter(|(_, it)| it.counted().is_some()).all(|(of, _)| weightless(*of));
                prop_assert!(nothing, "something counts");
            }
        }
    }

    #[test]
    fn the_total_is_the_nearest_to_the_true_one(scheme in scheme(), scores in scores()) {
        let mut model = (0.0, 0.0);
        for (category, weight, drop) in [
            (Category::Quizzes, scheme.quizzes, scheme.drop_quizzes),
            (Category::Assignments, scheme.assignments, scheme.drop_assignments),
            (Category::Participation, scheme.participation, 0),
        ] {
            let mut counted: Vec<i64> = scores.iter().filter(|(of, _)| *of == category).filter_map(|(_, it)| it.counted()).collect();
            counted.sort_unstable();
            for _ in 0..drop {
                if counted.len() > 1 {
                    counted.remove(0);
                }
            }
            if weight > 0 && !counted.is_empty() {
                let sum: f64 = counted.iter().map(|points| f64::from(i32::try_from(*points).unwrap())).sum();
                let weight = f64::from(i32::try_from(weight).unwrap());
                model.0 += weight * sum / f64::from(u32::try_from(counted.len()).unwrap());
                model.1 += weight;
            }
        }
        match total(scheme, &scores) {
            Some(total) => prop_assert!((f64::from(i32::try_from(total).unwrap()) - model.0 / model.1).abs() <= 0.500_001),
            None => prop_assert!(model.1 == 0.0),
        }
    }
}
