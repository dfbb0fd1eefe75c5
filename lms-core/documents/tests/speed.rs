//! How many certificates a second.
#![expect(clippy::unwrap_used, reason = "a test reports by panicking")]

use std::num::NonZeroUsize;
use std::thread;
use std::time::Instant;

use porter_documents::{Certificate, render};

/// Scripts and lengths as they come in a large academy; some take two lines, some a typeface of their own.
const NAMES: [&str; 12] = [
    "Anna Kovač",
    "Bo Li",
    "María de los Ángeles Fernández-Villanueva y Montalbán de Casasola y Ponce de León",
    "Nguyễn Thị Minh Khai",
    "Ελένη Παπαδοπούλου",
    "Игорь Владимирович Преображенский",
    "רחל אברמוביץ׳",
    "ليلى عبد الرحمن",
    "अनिता शर्मा",
    "ნინო ჩხეიძე",
    "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh",
    "Mei Chen (陈美)",
];
const COURSES: [&str; 3] = [
    "Foundations of Data Analysis",
    "An Introduction to the Theory and Practice of Sustainable Urban Water Management in Rapidly Growing Coastal Cities",
    "Español",
];

fn certificate(number: usize) -> Certificate {
    let (name, course) = (NAMES.iter().cycle().nth(number % NAMES.len()), COURSES.iter().cycle().nth(number % COURSES.len()));
    let code = format!("NL-{:04}-{:04}", number / 10_000, number % 10_000);
    Certificate {
        academy: "Northlight Academy".to_owned(),
        learner: format!("{} {number}", name.unwrap()),
        course: (*course.unwrap()).to_owned(),
        issued_at: "2026-11-24T10:00:00Z".parse().unwrap(),
        verify_url: format!("https://academy.northlight.example/verify/{code}"),
        code,
        signatory: "Dr Ingrid Solheim".to_owned(),
        signatory_role: "Head of Academy".to_owned(),
    }
}

/// Draws these; how many bytes.
fn draw(numbers: impl Iterator<Item = usize>) -> usize {
    numbers
        .map(|number| render(&certificate(number)).unwrap())
        .map(|pdf| if pdf.starts_with(b"%PDF-") { pdf.len() } else { 0 })
        .sum()
}

/// 1,000 as a drill. No time is asserted: the machine decides it.
#[test]
fn drill_certificates() {
    let count = if std::env::var("PORTER_DRILL").is_ok_and(|drill| drill == "full") { 1_000 } else { 24 };
    draw(0..NAMES.len());
    let start = Instant::now();
    let bytes = draw(0..count);
    let one = f64::from(u32::try_from(count).unwrap()) / start.elapsed().as_secs_f64();
    assert!(bytes / count > 10_000 && bytes / count < 200_000, "{} bytes each", bytes / count);

    let cores = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let start = Instant::now();
    let all: usize = thread::scope(|scope| {
        let threads: Vec<_> = (0..cores).map(|core| scope.spawn(move || draw((core..count).step_by(cores)))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).sum()
    });
    assert_eq!(all, bytes, "the same files, whoever draws them");
    let together = f64::from(u32::try_from(count).unwrap()) / start.elapsed().as_secs_f64();
    let per_core = together / f64::from(u32::try_from(cores).unwrap());
    println!(
        "{count} certificates, {} kB each: {one:.1} PDFs a second on one core; {together:.1} on {cores}, {per_core:.1} a core",
        bytes / count / 1_000
    );
}
