import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { Refusal } from "../../model/text/problems.ts";
import { isObject, mapChildren, secret, secretSignature, signature, type Value } from "./values.ts";

/** How Pulumi's passphrase provider derives its key. Source: Pulumi, sdk/go/common/resource/config/crypt.go. */
const rounds = 1_000_000;
const keyBytes = 32;
const checkMessage = "pulumi";

/** Encrypts and decrypts the secrets of one checkpoint, as Pulumi's passphrase provider does. */
export class Crypter {
  /** What a checkpoint keeps, so that the same passphrase can open it again. */
  readonly salt: string;
  readonly #key: Buffer;

  /**
   * @param passphrase PULUMI_CONFIG_PASSPHRASE; empty is allowed
   * @param salt of an existing checkpoint; a new one is made without it
   * @throws Refusal where the passphrase is not the one that the salt was made with.
   */
  constructor(passphrase: string, salt?: string) {
    const [, random = randomBytes(8).toString("base64"), ...check] = salt?.split(":") ?? [];
    this.#key = pbkdf2Sync(passphrase, Buffer.from(random, "base64"), rounds, keyBytes, "sha256");
    if (salt !== undefined && this.#open(check.join(":")) !== checkMessage) {
      throw new Refusal("PULUMI_CONFIG_PASSPHRASE is not the passphrase that this state was written with");
    }
    this.salt = salt ?? `v1:${random}:${this.#seal(checkMessage)}`;
  }

  /** The value with every secret in the form that a checkpoint keeps. */
  encrypt(value: Value): Value {
    if (isObject(value) && value[signature] === secretSignature) {
      return { [signature]: secretSignature, ciphertext: this.#seal(JSON.stringify(value.value)) };
    }
    return mapChildren(value, (child) => this.encrypt(child));
  }

  /** The opposite of {@link encrypt}. */
  decrypt(value: Value): Value {
    if (isObject(value) && value[signature] === secretSignature && typeof value.ciphertext === "string") {
      return secret(JSON.parse(this.#open(value.ciphertext)) as Value);
    }
    return mapChildren(value, (child) => this.decrypt(child));
  }

  #seal(text: string): string {
    const nonce = randomBytes(12);
    const cipher = createCipheriv("aes-256-gcm", this.#key, nonce);
    const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return `v1:${nonce.toString("base64")}:${sealed.toString("base64")}`;
  }

  #open(sealed: string): string {
    const [, nonce = "", data = ""] = sealed.split(":");
    const bytes = Buffer.from(data, "base64");
    const cipher = createDecipheriv("aes-256-gcm", this.#key, Buffer.from(nonce, "base64"));
    cipher.setAuthTag(bytes.subarray(-16));
    try {
      return Buffer.concat([cipher.update(bytes.subarray(0, -16)), cipher.final()]).toString("utf8");
    } catch {
      return "";
    }
  }
}
