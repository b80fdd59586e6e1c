//! The steps of a schedule.

use courrier_model::UserId;
use courrier_store::testing::{Death, Moment};
use courrier_wire::{Push, Reset};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};

use super::device::{Calm, Device, Early};
use super::edits;
use super::oracle::Ledger;
use super::server::Server;
use super::{Options, Tally};
use crate::{Answer, Ask};

/// Rounds in which everything must come to rest.
const CALM_ROUNDS: usize = 40;

pub(super) struct World<S> {
    pub(super) random: StdRng,
    pub(super) options: Options,
    pub(super) server: S,
    pub(super) devices: Vec<Device>,
    pub(super) ledger: Ledger,
    pub(super) tally: Tally,
    pub(super) trace: Vec<String>,
    pub(super) step: i64,
    /// Pushes that are still on their way.
    late: Vec<Push>,
    /// Backups that are not older than the horizon: an older one knows accounts whose removal everybody has forgotten.
    copies: std::ops::Range<usize>,
}

impl<S: Server> World<S> {
    pub(super) fn new(seed: u64, options: Options, server: S) -> Self {
        Self {
            random: StdRng::seed_from_u64(seed),
            options,
            server,
            devices: Vec::new(),
            ledger: Ledger::default(),
            tally: Tally::default(),
            trace: Vec::new(),
            step: 0,
            late: Vec::new(),
            copies: 0..0,
        }
    }

    /// Plays until everything has calmed down.
    pub(super) fn play(&mut self) -> Result<(), String> {
        let user = UserId::random();
        let devices = self.random.random_range(2..=self.options.devices.max(2));
        for number in 0..devices {
            let offset = self.random.random_range(-1_000_000..1_000_000);
            let device = Device::new(number, offset, user).map_err(|error| error.to_string())?;
            self.devices.push(device);
        }
        for _ in 0..self.options.steps {
            self.step += 1;
            let device = self.random.random_range(0..self.devices.len());
            match self.random.random_range(0..100) {
                0..34 => edits::edit(self, device)?,
                34..94 => self.talk(device)?,
                94..96 => self.deliver_late(),
                _ => self.operate(),
            }
        }
        self.calm()
    }

    /// Notes a step, if somebody will read it.
    pub(super) fn note(&mut self, line: impl FnOnce() -> String) {
        if self.options.trace {
            self.trace.push(format!("{:>3} {}", self.step, line()));
        }
    }

    /// A program may be about to die.
    pub(super) fn roll_death(&mut self, device: usize) {
        if !self.options.deaths || !self.random.random_bool(0.08) {
            return;
        }
        let moment = if self.random.random() { Moment::BeforeCommit } else { Moment::AfterCommit };
        let death = Death { after: self.random.random_range(0..3), moment };
        if let Some(device) = self.devices.get(device) {
            device.die_at(Some(death));
        }
    }

    /// One step of an exchange: what has arrived is taken, the next thing is asked.
    fn talk(&mut self, number: usize) -> Result<(), String> {
        self.roll_death(number);
        let step = self.step;
        let Some(device) = self.devices.get_mut(number) else { return Ok(()) };
        if !device.is_signed_in() {
            // The first time, or after signing out.
            let signed_in = device.sign_in();
            self.note(|| format!("{number} signs in: {signed_in:?}"));
            return self.after_store(number, signed_in);
        }
        let asked = device.step(step);
        if !device.is_exchanging() {
            device.die_at(None);
        }
        match asked {
            Ok(Ask::Done(report)) => {
                self.tally.conflicts += report.conflicts as u64;
                self.note(|| format!("{number} is done: {report:?}"));
                Ok(())
            }
            Ok(ask) => {
                self.send(number, ask);
                Ok(())
            }
            Err(Early::Died) => {
                self.tally.deaths += 1;
                self.note(|| format!("{number} dies"));
                Ok(())
            }
            Err(Early::SignedOut) => Ok(()),
            Err(Early::Wrong(what)) => Err(what),
        }
    }

    /// What a store's answer means where programs may die.
    pub(super) fn after_store<T>(
        &mut self,
        number: usize,
        result: Result<T, courrier_store::StoreError>,
    ) -> Result<(), String> {
        match result {
            Ok(_) => Ok(()),
            Err(courrier_store::StoreError::Io(_)) => {
                self.tally.deaths += 1;
                if let Some(device) = self.devices.get_mut(number) {
                    device.restart();
                }
                self.note(|| format!("{number} dies"));
                Ok(())
            }
            Err(error) => Err(format!("device {number}: {error}")),
        }
    }

    /// Sends a request over a network that may do anything with it.
    fn send(&mut self, number: usize, ask: Ask) {
        let mishap = if self.options.bad_network { self.random.random_range(0..20) } else { 19 };
        self.tally.mishaps += u64::from(mishap < 4);
        let ask = self.shortened(ask);
        self.note(|| format!("{number} asks ({mishap}): {ask:?}"));
        let answer: Option<Option<Answer>> = match (mishap, &ask) {
            // The request is lost.
            (0, _) => None,
            // It arrives when nobody expects it any more.
            (1, Ask::Push(push)) => {
                self.late.push(push.clone());
                None
            }
            // It arrives twice, and the second answer is heard.
            (2, ask) => {
                self.answer(ask);
                Some(self.answer(ask))
            }
            // The answer is lost.
            (3, ask) => {
                self.answer(ask);
                None
            }
            (_, ask) => Some(self.answer(ask)),
        };
        if let Some(answer) = &answer {
            self.note(|| format!("{number} will hear: {answer:?}"));
        }
        if let Some(device) = self.devices.get_mut(number) {
            match answer.flatten() {
                Some(answer) => device.hear(answer),
                None => device.give_up(),
            }
        }
    }

    /// Small pages and small pushes, so that there are several.
    fn shortened(&mut self, ask: Ask) -> Ask {
        match ask {
            Ask::Pull(mut pull) => {
                pull.limit = self.random.random_range(1..5);
                Ask::Pull(pull)
            }
            Ask::Push(mut push) => {
                push.writes.truncate(self.random.random_range(1..5));
                Ask::Push(push)
            }
            done => done,
        }
    }

    fn answer(&mut self, ask: &Ask) -> Option<Answer> {
        self.tally.messages += 1;
        let reset = |reset: Reset| Answer::Reset(reset);
        match ask {
            Ask::Pull(pull) => Some(self.server.pull(pull).map_or_else(reset, Answer::Page)),
            Ask::Push(push) => Some(self.server.push(push).map_or_else(reset, Answer::Pushed)),
            Ask::Done(_) => None,
        }
    }

    fn deliver_late(&mut self) {
        if let Some(push) = self.late.pop() {
            self.note(|| format!("arrives late: {push:?}"));
            // Nobody hears the answer.
            let _ = self.server.push(&push);
        }
    }

    /// What an operator does, or time.
    fn operate(&mut self) {
        if !self.options.restores {
            return;
        }
        match self.random.random_range(0..10) {
            0..5 => {
                self.copies.end = self.server.back_up() + 1;
                self.note(|| "the server is backed up".to_owned());
            }
            5..8 if !self.copies.is_empty() => {
                let copy = self.random.random_range(self.copies.clone());
                self.server.restore(copy);
                self.tally.restores += 1;
                self.note(|| format!("the server goes back to copy {copy}"));
            }
            8 => {
                self.server.set_up_anew();
                self.tally.restores += 1;
                self.note(|| "the server is set up anew".to_owned());
            }
            9 => {
                // Nobody waits half a year for an answer.
                self.devices.iter_mut().for_each(Device::give_up);
                self.copies.start = self.copies.end;
                self.server.purge();
                self.note(|| "deletions are forgotten".to_owned());
            }
            _ => {}
        }
    }

    /// The network is good, nobody types, no program dies: until nothing moves any more.
    pub(super) fn calm(&mut self) -> Result<(), String> {
        for number in 0..self.devices.len() {
            self.step += 1;
            let Some(device) = self.devices.get_mut(number) else { continue };
            device.restart();
            edits::finish_removals(self, number)?;
            let Some(device) = self.devices.get(number) else { continue };
            device.sign_in().map_err(|error| error.to_string())?;
        }
        self.settle()?;
        if self.late.is_empty() {
            return Ok(());
        }
        while !self.late.is_empty() {
            self.deliver_late();
        }
        self.settle()
    }

    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..CALM_ROUNDS {
            let mut still = true;
            for number in 0..self.devices.len() {
                let report = self.exchange(number)?;
                still &= report.sent == 0 && report.received == 0 && report.pending == 0;
            }
            if still {
                return Ok(());
            }
        }
        Err("the devices don't come to rest".to_owned())
    }

    fn exchange(&mut self, number: usize) -> Calm {
        for _ in 0..500 {
            self.step += 1;
            let step = self.step;
            let Some(device) = self.devices.get_mut(number) else { break };
            let ask = device.step(step).map_err(|early| format!("device {number} in calm: {early:?}"))?;
            if let Ask::Done(report) = ask {
                self.tally.conflicts += report.conflicts as u64;
                self.note(|| format!("{number} is done: {report:?}"));
                return Ok(report);
            }
            self.note(|| format!("{number} asks: {ask:?}"));
            let answer = self.answer(&ask);
            self.note(|| format!("{number} hears: {answer:?}"));
            if let (Some(device), Some(answer)) = (self.devices.get_mut(number), answer) {
                device.hear(answer);
            }
        }
        Err(format!("an exchange of device {number} does not end"))
    }

    /// One of these, if there are any.
    pub(super) fn pick<T: Clone>(&mut self, of: &[T]) -> Option<T> {
        of.choose(&mut self.random).cloned()
    }
}
