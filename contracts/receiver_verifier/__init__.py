"""Hold a receiver of callbacks to its part: send it what a vendor sends, and what nobody should send.

made       callbacks as a vendor makes them: bodies from the mock, signed as the vendor signs
sending    one callback sent, and what came back
suite      the promises of a receiver, each tried and judged
"""
