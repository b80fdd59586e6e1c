//! From domain types to what shells show.

use courrier_check::{Detail, Problem, Report, SideReport, Step, Warning};
use courrier_model::{Account, AccountDraft, Endpoint, Identity, Preset, Protocol, Security, Timestamp};
use courrier_wire::{Device, Platform};

use crate::view::{
    AccountView, CertificateView, CheckView, DeviceView, DraftView, EndpointView, HealthView, IdentityView,
    ProblemView, RemedyView, SideView, StepDetailView, StepView, WarningView,
};
use crate::words::{Arg, Words};

/// RFC 3339 in UTC, to the second.
pub(crate) fn time(at: Timestamp) -> String {
    at.round(jiff::Unit::Second).unwrap_or(at).to_string()
}

/// The date alone, as ISO 8601 writes it and every language reads it.
fn date(at: Timestamp) -> String {
    time(at).chars().take(10).collect()
}

pub(crate) fn endpoint(endpoint: &Endpoint) -> EndpointView {
    EndpointView {
        host: endpoint.host.to_string(),
        port: endpoint.port.get(),
        security: endpoint.security.to_string(),
        username: endpoint.username.to_string(),
        auth: endpoint.auth.to_string(),
    }
}

fn identity(identity: &Identity) -> IdentityView {
    IdentityView { address: identity.address.to_string(), name: identity.name.to_string() }
}

/// Without what the server has to do with it.
pub(crate) fn account(account: &Account) -> AccountView {
    AccountView {
        id: account.id.to_string(),
        address: account.address.to_string(),
        name: account.name.to_string(),
        color: account.color.to_string(),
        primary: account.primary,
        imap: endpoint(&account.imap),
        smtp: endpoint(&account.smtp),
        identities: account.identities.iter().map(identity).collect(),
        health: HealthView {
            state: health_state(account.health.state).to_owned(),
            checked_at: account.health.checked_at.map(time),
            problem_code: account.health.problem_code.map(|code| code.to_string()),
        },
        has_secret: account.has_secret,
        has_sending_secret: account.has_sending_secret,
        created_at: time(account.created_at),
        updated_at: time(account.updated_at),
        travels: None,
        waits: false,
        unseen_conflict: false,
        oauth: None,
    }
}

fn health_state(state: courrier_model::HealthState) -> &'static str {
    use courrier_model::HealthState as H;
    match state {
        H::Ok => "ok",
        H::Problem => "problem",
        H::Unchecked => "unchecked",
        H::SignInNeeded => "sign_in_needed",
        H::Paused => "paused",
    }
}

pub(crate) fn device(device: &Device) -> DeviceView {
    DeviceView {
        id: device.id.to_string(),
        name: device.name.clone(),
        platform: match device.platform {
            Platform::Linux => "linux",
            Platform::Macos => "macos",
            Platform::Windows => "windows",
            Platform::Other => "other",
        }
        .to_owned(),
        current: device.current,
        created_at: time(device.created_at),
        last_seen_at: time(device.last_seen_at),
        last_address: device.last_address.clone(),
        session_expires_at: device.session_expires_at.map(time),
        revoked_at: device.revoked_at.map(time),
    }
}

pub(crate) fn draft(draft: &AccountDraft) -> DraftView {
    DraftView {
        address: draft.address.to_string(),
        name: draft.name.to_string(),
        color: draft.color.map(|color| color.to_string()),
        primary: draft.primary,
        imap: endpoint(&draft.imap),
        smtp: endpoint(&draft.smtp),
        identities: draft.identities.iter().map(identity).collect(),
    }
}

pub(crate) fn check(report: &Report, words: &Words) -> CheckView {
    CheckView {
        address: report.address.clone(),
        ok: report.ok,
        elapsed_ms: report.elapsed_ms,
        imap: side(Protocol::Imap, report, words),
        smtp: side(Protocol::Smtp, report, words),
    }
}

fn side(protocol: Protocol, report: &Report, words: &Words) -> SideView {
    let side = match protocol {
        Protocol::Imap => &report.imap,
        Protocol::Smtp => &report.smtp,
    };
    SideView {
        host: side.endpoint.host.to_string(),
        port: side.endpoint.port.get(),
        security: side.endpoint.security.to_string(),
        username: side.endpoint.username.to_string(),
        ok: side.ok,
        elapsed_ms: side.elapsed_ms,
        steps: side.steps.iter().map(step).collect(),
        problem: side.problem.as_ref().map(|found| problem(protocol, report, side, found, words)),
        warnings: side.warnings.iter().map(|found| warning(found, words)).collect(),
    }
}

pub(crate) fn step(step: &Step) -> StepView {
    StepView {
        stage: step.stage.as_str().to_owned(),
        ok: step.ok,
        elapsed_ms: step.elapsed_ms,
        detail: detail(&step.detail),
    }
}

fn detail(detail: &Detail) -> StepDetailView {
    let detail = detail.clone();
    StepDetailView {
        addresses: detail.addresses,
        address: detail.address,
        proxy: detail.proxy,
        protocol: detail.protocol,
        cipher_suite: detail.cipher_suite,
        certificate: detail.certificate.map(|certificate| CertificateView {
            subject: certificate.subject,
            issuer: certificate.issuer,
            not_before: certificate.not_before.map(time).unwrap_or_default(),
            not_after: certificate.not_after.map(time).unwrap_or_default(),
            names: certificate.names,
            sha256: certificate.sha256,
            faults: certificate.faults.iter().map(ToString::to_string).collect(),
        }),
        server: detail.server,
        service: detail.service,
        capabilities: detail.capabilities,
        mechanism: detail.mechanism,
        messages: detail.messages,
    }
}

fn problem(protocol: Protocol, report: &Report, side: &SideReport, problem: &Problem, words: &Words) -> ProblemView {
    use courrier_model::ProblemCode as P;
    let address = report.address.parse().ok();
    let preset = address.and_then(|address| Preset::for_endpoint(&address, &side.endpoint));
    let detail = side.steps.iter().rev().find(|step| step.stage == problem.stage).map(|step| &step.detail);
    let certificate = detail.and_then(|detail| detail.certificate.as_ref());
    let day = certificate.and_then(|certificate| match problem.code {
        P::TlsCertificateNotYetValid => certificate.not_before,
        _ => certificate.not_after,
    });
    let names = certificate.map(|certificate| certificate.names.join(", ")).filter(|names| !names.is_empty());
    let args: Vec<(&str, Arg)> = vec![
        ("host", side.endpoint.host.to_unicode().into()),
        ("port", side.endpoint.port.to_string().into()),
        ("side", protocol.to_string().into()),
        ("security", side.endpoint.security.to_string().into()),
        ("auth", side.endpoint.auth.to_string().into()),
        ("username", side.endpoint.username.to_string().into()),
        ("address", report.address.clone().into()),
        ("service", detail.and_then(|detail| detail.service.clone()).unwrap_or_else(|| "unknown".into()).into()),
        ("provider", preset.map_or_else(|| side.endpoint.host.to_unicode(), |preset| preset.name.to_owned()).into()),
        ("date", day.map(date).unwrap_or_default().into()),
        ("names", names.unwrap_or_else(|| "none".into()).into()),
        ("port_tls", Security::Tls.default_port(protocol).to_string().into()),
        ("port_starttls", Security::Starttls.default_port(protocol).to_string().into()),
    ];
    let id = format!("problem-{}", problem.code.as_str().replace('.', "-"));
    // A provider's own habits say more than the general advice.
    let habit = preset.filter(|_| problem.code == P::AuthRejected).and_then(|preset| {
        let endpoint = if protocol == Protocol::Imap { preset.imap } else { preset.smtp };
        let wants_local_part = endpoint.user == courrier_model::PresetUser::LocalPart;
        if preset.app_password {
            Some("remedy-app_password")
        } else if wants_local_part && side.endpoint.username.as_str().contains('@') {
            Some("remedy-local_part")
        } else {
            preset.imap_off_by_default.then_some("remedy-imap_off")
        }
    });
    let helps = matches!(
        problem.code,
        P::AuthRejected | P::AuthAppPasswordRequired | P::AuthProtocolDisabled | P::AuthOauthRequired | P::AuthLocked
    );
    ProblemView {
        code: problem.code.to_string(),
        stage: problem.stage.as_str().to_owned(),
        summary: words.text(&id, &args),
        remedy: RemedyView {
            text: words.attribute(&id, habit.unwrap_or("remedy"), &args),
            url: preset.filter(|_| helps).and_then(|preset| preset.help_url).map(str::to_owned),
        },
        server_said: problem.server_said.clone(),
    }
}

fn warning(warning: &Warning, words: &Words) -> WarningView {
    let id = format!("warning-{}", warning.code.as_str().replace('.', "-"));
    let args: Vec<(&str, Arg)> = vec![("date", warning.at.map(date).unwrap_or_default().into())];
    WarningView {
        code: warning.code.to_string(),
        summary: words.text(&id, &args),
        remedy: RemedyView { text: words.attribute(&id, "remedy", &args), url: None },
    }
}
