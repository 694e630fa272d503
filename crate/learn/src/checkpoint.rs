//! What a run goes back to when it diverges, and what the user then reads.

use figure::Status;

/// The last state of a run whose numbers were all finite.
pub struct Checkpoint<S> {
    step: u64,
    state: S,
    failure: Option<String>,
}

impl<S: Clone> Checkpoint<S> {
    /// The state before the first step.
    pub fn new(state: S) -> Self {
        Self { step: 0, state, failure: None }
    }

    /// Stores the state after `step` updates. Its numbers, and those of every step before it, were finite.
    pub fn save(&mut self, step: u64, state: S) {
        (self.step, self.state) = (step, state);
    }

    /// The stored state, to be changed together with the run's.
    pub fn state_mut(&mut self) -> &mut S {
        &mut self.state
    }

    /// The step and the state to go back to, after the run diverged: before step `at`, `wrong` became true ("the ELBO is not a
    /// number any more"), and a lower learning rate is the remedy. [`Checkpoint::status`] says so until the next step.
    pub fn recover(&mut self, at: u64, wrong: &str, learning_rate: f64) -> (u64, S) {
        self.recover_from(at, wrong, &format!("the learning rate ({learning_rate:.3})"))
    }

    /// The same, where lowering `cause` ("a learning rate or λ") is the remedy.
    pub fn recover_from(&mut self, at: u64, wrong: &str, cause: &str) -> (u64, S) {
        let back = self.step;
        self.failure = Some(format!(
            "The run diverged before step {at}: {wrong}. The weights of step {back} are back. Lower {cause}, the usual cause, and press play, or press reset."
        ));
        (back, self.state.clone())
    }

    /// The run goes on, from the state that it went back to.
    pub fn resume(&mut self) {
        self.failure = None;
    }

    /// Whether the run diverged and has not gone on since.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The status of a run that diverged, is `finished`, or goes on.
    pub fn status(&self, finished: bool) -> Status {
        match &self.failure {
            Some(sentence) => Status::Failed(sentence.clone()),
            None if finished => Status::Done,
            None => Status::Going,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_goes_back_to_what_was_saved_and_says_so_until_it_goes_on() {
        let mut checkpoint = Checkpoint::new("new");
        assert_eq!(checkpoint.status(false), Status::Going);
        checkpoint.save(7, "good");
        assert_eq!(checkpoint.recover(9, "a bound is infinite", 0.5), (7, "good"));
        let Status::Failed(sentence) = checkpoint.status(true) else { panic!("it has failed") };
        for part in ["before step 9", "a bound is infinite", "of step 7", "Lower the learning rate (0.500)"] {
            assert!(sentence.contains(part), "{sentence}");
        }
        checkpoint.resume();
        assert_eq!((checkpoint.status(false), checkpoint.status(true)), (Status::Going, Status::Done));
    }
}
