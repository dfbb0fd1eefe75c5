//! Writes sample certificates into a folder, and says how many a second this build makes.
//!
//! `cargo run -p porter-documents --example certificate -- FOLDER`
#![expect(clippy::print_stdout, reason = "an example prints")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::time::Instant;

use porter_documents::{Certificate, render};

const LEARNERS: [(&str, &str); 12] = [
    ("plain", "Anna Kovač"),
    ("longer", "Bartholomew Featherstonehaugh-Cholmondeley"),
    ("long", "María de los Ángeles Fernández-Villanueva y Montalbán de Casasola y Ponce de León"),
    ("one-word", "Hubertusblankeneserbergerdorffwolfeschlegelsteinhausenhubertusblankeneser"),
    (
        "endless",
        "Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenbergerdorff Wolfeschlegelsteinhausenbergerdorff Adolph Blaine Charles David Earl Frederick Gerald Hubert Irvin John Kenneth Lloyd Martin Nero Oliver Paul Quincy Randolph Sherman Thomas Uncas Victor William Xerxes Yancy",
    ),
    ("hebrew", "רחל אברמוביץ׳"),
    ("arabic", "ليلى عبد الرحمن"),
    ("devanagari", "अनिता शर्मा"),
    ("greek", "Ελένη Παπαδοπούλου"),
    ("georgian", "ნინო ჩხეიძე · Անի Պետրոսյան"),
    ("chinese", "李小龍 (Li Xiaolong)"),
    ("zalgo", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!͖̬̰̙̗̿̋ͥͥ̂ͣ̐́́͜͞ 💩"),
];

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()));
    fs::create_dir_all(&folder)?;
    let certificate = Certificate {
        academy: "Northlight Academy".to_owned(),
        learner: String::new(),
        course: "Foundations of Data Analysis".to_owned(),
        issued_at: "2026-11-24T10:00:00Z".parse()?,
        code: "NL-7F3K-9QWD".to_owned(),
        verify_url: "https://academy.northlight.example/verify/NL-7F3K-9QWD".to_owned(),
        signatory: "Dr Ingrid Solheim".to_owned(),
        signatory_role: "Head of Academy".to_owned(),
    };
    for (name, learner) in LEARNERS {
        let pdf = render(&Certificate { learner: learner.to_owned(), ..certificate.clone() })?;
        println!("{name}: {} kB", pdf.len() / 1_000);
        fs::write(folder.join(format!("{name}.pdf")), pdf)?;
    }
    let long = "An Introduction to the Theory and Practice of Sustainable Urban Water Management in Rapidly Growing Coastal Cities, Part Two";
    let academy = "The Royal Metropolitan Academy of Applied Sciences and Arts".to_owned();
    let pdf = render(&Certificate { learner: "Ben Okafor".to_owned(), course: long.to_owned(), academy, ..certificate.clone() })?;
    fs::write(folder.join("long-course.pdf"), pdf)?;

    let (count, start) = (100_u32, Instant::now());
    for n in 0..count {
        render(&Certificate { learner: format!("Learner {n}"), ..certificate.clone() })?;
    }
    println!("{:.0} PDFs a second on one thread", f64::from(count) / start.elapsed().as_secs_f64());
    Ok(())
}
