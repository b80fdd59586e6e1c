//! Lists of columns that several queries share; both databases have the same names.

/// A device's columns, of a table known as `d`.
macro_rules! device {
    () => {
        "d.id, d.person_id, d.name, d.platform, d.thumbprint, d.created_at, d.last_seen_at, d.last_address, \
         d.session_id, d.session_expires_at, d.session_ended_at, d.revoked_at"
    };
}

/// A record's columns, of a table known as `r`.
macro_rules! record {
    () => {
        "r.id, r.kind, r.revision, r.write_id, r.body, r.address_key, r.origin"
    };
}

/// An audit line's columns.
macro_rules! audit {
    () => {
        "sequence, at, person_id, device_id, action, target, address"
    };
}

pub(super) use {audit, device, record};
