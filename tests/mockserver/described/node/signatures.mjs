// Two libraries' own check of a callback: is it what it claims to be, and does a changed body break it?
import { validateWebhook } from "replicate";
import { Webhook } from "standardwebhooks";
import { say, told } from "./told.mjs";

const { body, headers, secret } = told;
const standard = (text) => {
  try {
    new Webhook(secret).verify(text, headers);
    return true;
  } catch {
    return false;
  }
};
const changed = body.replace("{", "{ ");
say({
  standardwebhooks: [standard(body), standard(changed)],
  replicate: [await validateWebhook({ headers, body }, secret), await validateWebhook({ headers, body: changed }, secret)],
});
