"""The words of the house: specs, records, states, steps, outcomes, claims, names, errors. Imports nothing of ours."""
