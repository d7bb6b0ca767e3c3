"""Everything that touches a language model: policies, rollouts, losses, the agents and the training loop."""
