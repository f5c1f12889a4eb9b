"""The promises of a provider as a pytest suite, to run beside a team's own tests.

pytest --pyargs contracts.suite --understudy-url https://api.example.com/kling --understudy-budget 4

One test for each promise and family: broken fails with the evidence, "could not tell" is an error, "not
checked" is skipped with its reason. A team's own tests can use the fixtures of
`understudy.contracts.suite.plugin`.
"""
