use porter_kernel::jobs::Priority;
use serde_json::json;

use super::*;

fn annas(now: Timestamp) -> IssuedCertificate {
    IssuedCertificate {
        id: ANNAS_CERTIFICATE,
        account: ANNA,
        course: FIRST,
        course_title: "The first course".to_owned(),
        learner_name: "Anna Keller".to_owned(),
        signatory: "Maren Holt".to_owned(),
        signatory_role: "Head of Data".to_owned(),
        code: "NL-7F3K-9QWD".to_owned(),
        issued_at: now,
        revoked: None,
    }
}

async fn a_certificate_is_its_learners(world: World) {
    let certificate = annas(world.now());
    assert_eq!(world.store.certificates(ANNA, Freshness::Fresh).await.unwrap(), std::slice::from_ref(&certificate));
    assert_eq!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap(), []);
    assert_eq!(world.store.certificate(ANNA, ANNAS_CERTIFICATE).await.unwrap(), Some(certificate.clone()));
    assert_eq!(world.store.certificate(BRUNO, ANNAS_CERTIFICATE).await.unwrap(), None);
    assert_eq!(world.store.certificate(ANNA, CertificateId(world.uuid())).await.unwrap(), None);
    assert_eq!(world.store.certificate_by_code("NL-7F3K-9QWD").await.unwrap(), Some(certificate.clone()));
    for code in ["nl-7f3k-9qwd", "NL-7F3K-9QW", "%", "\0", ""] {
        assert_eq!(world.store.certificate_by_code(code).await.unwrap(), None, "{code:?}");
    }
    assert_eq!(world.store.certificate_for_mail(ANNAS_CERTIFICATE).await.unwrap(), Some(certificate));
}

async fn what_was_printed_does_not_change(world: World) {
    world.execute("UPDATE account SET name = 'Another Name'").await;
    world.execute("UPDATE course SET title = 'Another title', signatory = 'Another'").await;
    assert_eq!(world.store.certificates(ANNA, Freshness::Fresh).await.unwrap(), [annas(world.now())]);
}

async fn it_is_sent_again_once_a_key(world: World) {
    let (key, mail, first) = (world.uuid(), world.uuid(), world.tick());
    let sent = world.store.resend(key, ANNA, ANNAS_CERTIFICATE, mail, first).await.unwrap();
    assert_eq!((sent.asked_at, sent.duplicate, sent.certificate.id), (first, false, ANNAS_CERTIFICATE));
    let again = world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap();
    assert_eq!(again, Resent { duplicate: true, ..sent });

    let job = world.take_one(jobs::SEND_MAIL).await;
    assert_eq!((job.payload.clone(), job.priority), (json!({"mail": mail}), Priority::Normal));
    let (row, account) = world.store.mail(mail).await.unwrap().unwrap();
    assert_eq!(row.letter, Letter::Certificate { certificate: ANNAS_CERTIFICATE, again: true });
    assert_eq!((account.id, row.created_at), (ANNA, first));

    let other = world.store.resend(world.uuid(), ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap();
    assert!(!other.duplicate);
    assert_eq!(world.rows("mail").await, 2);
}

async fn a_key_stands_for_one_request(world: World) {
    let key = world.uuid();
    world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap();
    for (account, certificate) in
        [(BRUNO, ANNAS_CERTIFICATE), (ANNA, CertificateId(world.uuid())), (BRUNO, CertificateId(world.uuid()))]
    {
        let reused = world.store.resend(key, account, certificate, world.uuid(), world.tick()).await;
        assert!(matches!(reused, Err(AcademyError::KeyReused)), "{reused:?}");
    }
    assert_eq!(world.rows("mail").await, 1);
}

async fn a_strangers_certificate_is_as_none(world: World) {
    let key = world.uuid();
    for certificate in [ANNAS_CERTIFICATE, CertificateId(world.uuid())] {
        let refused = world.store.resend(key, BRUNO, certificate, world.uuid(), world.tick()).await;
        assert!(matches!(refused, Err(AcademyError::NotFound)), "{refused:?}");
    }
    assert_eq!((world.rows("request_key").await, world.rows("mail").await, world.rows("job").await), (0, 0, 0));
    // The key was not used up.
    world.store.resend(key, ANNA, ANNAS_CERTIFICATE, world.uuid(), world.tick()).await.unwrap();
}

async fn request(world: &World) -> Option<CertificateRequest> {
    world.store.courses(BRUNO, Freshness::Fresh).await.unwrap().remove(0).certificate_request
}

async fn a_certificate_is_made_once(world: World) {
    let asked = world.tick();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), asked).await.unwrap();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let queued = CertificateRequest { status: CertificateRequestStatus::Queued, requested_at: asked, reason: None };
    assert_eq!(request(&world).await, Some(queued));
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    assert_eq!(jobs::payload::<jobs::IssueCertificate>(&job).unwrap(), jobs::IssueCertificate { account: BRUNO, course: FIRST });

    let (id, mail, now) = (CertificateId(world.uuid()), world.uuid(), world.tick());
    world.store.issue(&job, id, "NL-AAAA-AAAA", mail, now).await.unwrap();
    let issued = world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().remove(0);
    assert_eq!((issued.id, issued.code.as_str(), issued.learner_name.as_str()), (id, "NL-AAAA-AAAA", "Bruno Costa"));
    assert_eq!(
        (issued.course_title.as_str(), issued.signatory.as_str(), issued.issued_at),
        ("The first course", "Maren Holt", now)
    );
    let facts = world.store.courses(BRUNO, Freshness::Fresh).await.unwrap().remove(0);
    assert_eq!(facts.enrolment, EnrolmentStatus::Completed);
    assert_eq!(facts.certificate, Some(issued));
    assert_eq!(request(&world).await.unwrap().status, CertificateRequestStatus::Issued);
    let send = world.take_one(jobs::SEND_MAIL).await;
    assert_eq!((send.payload.clone(), send.priority), (json!({"mail": mail}), Priority::Normal));
    let letter = world.store.mail(mail).await.unwrap().unwrap().0.letter;
    assert_eq!(letter, Letter::Certificate { certificate: id, again: false });

    // Neither the same worker nor a new request makes a second one.
    let again = world.store.issue(&job, CertificateId(world.uuid()), "NL-BBBB-BBBB", world.uuid(), world.tick()).await;
    assert!(matches!(again, Err(JobError::LeaseLost)), "{again:?}");
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    assert_eq!((world.rows("certificate").await, world.rows("mail").await, world.rows("job").await), (2, 1, 2));
}

async fn an_old_job_beside_a_new_one_issues_nothing_more(world: World) {
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let old = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    world.store.issue_failed(BRUNO, FIRST, "no ink", world.tick()).await.unwrap();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let new = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    let first = world.uuid();
    world.store.issue(&new, CertificateId(world.uuid()), "NL-AAAA-AAAA", first, world.tick()).await.unwrap();
    let second = world.uuid();
    world.store.issue(&old, CertificateId(world.uuid()), "NL-BBBB-BBBB", second, world.tick()).await.unwrap();
    assert_eq!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().len(), 1);
    assert!(world.store.mail(second).await.unwrap().is_none());
}

async fn an_incomplete_course_has_no_certificate(world: World) {
    let cases = [
        "UPDATE lesson_progress SET completed_at = NULL WHERE percent = 100",
        "UPDATE quiz_attempt SET percent = 69",
        "UPDATE enrolment SET status = 'cancelled'",
    ];
    for case in cases {
        world.execute("UPDATE lesson_progress SET completed_at = updated_at").await;
        world.execute("UPDATE quiz_attempt SET percent = 70").await;
        world.execute("UPDATE enrolment SET status = 'active'").await;
        world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
        let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
        world.execute(case).await;
        world.store.issue(&job, CertificateId(world.uuid()), "NL-AAAA-AAAA", world.uuid(), world.tick()).await.unwrap();
        let request = request(&world).await.unwrap();
        assert_eq!(request.status, CertificateRequestStatus::Failed, "{case}");
        assert!(request.reason.is_some());
        assert!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().is_empty(), "{case}");
        assert_eq!(world.rows("mail").await, 0);
        assert!(world.take().await.is_empty(), "the job is done: trying again would not help");
    }
    // Exactly enough.
    world.execute("UPDATE enrolment SET status = 'active'").await;
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    world.store.issue(&job, CertificateId(world.uuid()), "NL-AAAA-AAAA", world.uuid(), world.tick()).await.unwrap();
    assert_eq!(world.store.certificates(BRUNO, Freshness::Fresh).await.unwrap().len(), 1);
}

async fn a_failure_is_a_fact_until_it_is_asked_for_again(world: World) {
    let asked = world.tick();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), asked).await.unwrap();
    world.store.issue_failed(BRUNO, FIRST, "no\0ink", world.tick()).await.unwrap();
    let failed = CertificateRequest {
        status: CertificateRequestStatus::Failed,
        requested_at: asked,
        reason: Some("no\u{fffd}ink".to_owned()),
    };
    assert_eq!(request(&world).await, Some(failed));
    let again = world.tick();
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), again).await.unwrap();
    let queued = CertificateRequest { status: CertificateRequestStatus::Queued, requested_at: again, reason: None };
    assert_eq!(request(&world).await, Some(queued));
    assert_eq!(world.take().await.len(), 2);

    // A certificate that was issued has not failed, whatever an old job says.
    world.store.request_certificate(ANNA, FIRST, world.uuid(), world.tick()).await.unwrap();
    assert!(world.take().await.is_empty());
    world.store.issue_failed(AccountId(world.uuid()), FIRST, "gone", world.tick()).await.unwrap();
    let nowhere = world.store.request_certificate(BRUNO, SECOND, world.uuid(), world.tick()).await;
    assert!(matches!(nowhere, Err(AcademyError::NotFound)), "{nowhere:?}");
}

async fn a_code_that_is_taken_issues_nothing(world: World) {
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    let refused = world.store.issue(&job, CertificateId(world.uuid()), "NL-7F3K-9QWD", world.uuid(), world.tick()).await;
    assert!(matches!(refused, Err(JobError::Database(_))), "{refused:?}");
    assert_eq!((world.rows("certificate").await, world.rows("mail").await), (1, 0));
    assert_eq!(request(&world).await.unwrap().status, CertificateRequestStatus::Queued);
    // The job is still this worker's, and another code helps.
    world.store.issue(&job, CertificateId(world.uuid()), "NL-CCCC-CCCC", world.uuid(), world.tick()).await.unwrap();
}

async fn an_overtaken_worker_makes_no_certificate(world: World) {
    world.store.request_certificate(BRUNO, FIRST, world.uuid(), world.tick()).await.unwrap();
    let job = world.take_one(jobs::ISSUE_CERTIFICATE).await;
    let job = world.lost(&job).await;
    let refused = world.store.issue(&job, CertificateId(world.uuid()), "NL-AAAA-AAAA", world.uuid(), world.tick()).await;
    assert!(matches!(refused, Err(JobError::LeaseLost)), "{refused:?}");
    assert_eq!((world.rows("certificate").await, world.rows("mail").await), (1, 0));
}

porter_testkit::both_engines!(
    World::open;
    a_certificate_is_its_learners,
    what_was_printed_does_not_change,
    it_is_sent_again_once_a_key,
    a_key_stands_for_one_request,
    a_strangers_certificate_is_as_none,
    a_certificate_is_made_once,
    an_old_job_beside_a_new_one_issues_nothing_more,
    an_incomplete_course_has_no_certificate,
    a_failure_is_a_fact_until_it_is_asked_for_again,
    a_code_that_is_taken_issues_nothing,
    an_overtaken_worker_makes_no_certificate,
);
