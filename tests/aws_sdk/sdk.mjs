// AWS's official clients, at the disposal of a test in another language: reads a line of JSON for each wish, and
// answers it with a line. Bytes are {"base64": "…"}, both ways.
//   {"service": "dynamodb", "command": "GetCommand", "input": {…}}      → {"output": {…}}; a record's values are plain
//   {"sign": "PutObjectCommand", "input": {…}, "options": {…}}          → {"output": "http://…"}
//   {"fetch": "http://…", "method": "PUT", "headers": {…}, "body": {…}} → {"output": {status, headers, body}}
// A refusal is {"error": {"name": "ConditionalCheckFailedException", "status": 400, "message": …}}.
import { createInterface } from "node:readline";
import * as dynamodb from "@aws-sdk/lib-dynamodb";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as s3 from "@aws-sdk/client-s3";
import * as sqs from "@aws-sdk/client-sqs";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

// Endpoints, region and credentials come from the environment, where the SDK looks for them itself.
const files = new s3.S3Client({ forcePathStyle: true });
const services = {
  dynamodb: { client: dynamodb.DynamoDBDocumentClient.from(new DynamoDBClient({})), commands: dynamodb },
  s3: { client: files, commands: s3 },
  sqs: { client: new sqs.SQSClient({}), commands: sqs },
};

async function send({ service, command, input }) {
  const { client, commands } = services[service];
  const { $metadata, ...output } = await client.send(new commands[command](input));
  if (output.Body) output.Body = await output.Body.transformToByteArray();
  return output;
}

// Sets do not survive JSON: lists of header names become them.
function sign({ sign: command, input, options }) {
  const ofNames = Object.entries(options).map(([name, value]) => [name, Array.isArray(value) ? new Set(value) : value]);
  return getSignedUrl(files, new s3[command](input), Object.fromEntries(ofNames));
}

async function fetchOnce({ fetch: url, method, headers, body }) {
  const answer = await fetch(url, { method, headers, body });
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    body: new Uint8Array(await answer.arrayBuffer()),
  };
}

async function fulfil(wish) {
  try {
    const output = wish.sign ? await sign(wish) : wish.fetch ? await fetchOnce(wish) : await send(wish);
    return { output };
  } catch (error) {
    return { error: { name: error.name, status: error.$metadata?.httpStatusCode, message: error.message } };
  }
}

// For JSON.parse and JSON.stringify.
function revived(_name, value) {
  return typeof value?.base64 === "string" ? Buffer.from(value.base64, "base64") : value;
}
function plain(name, value) {
  const bytes = this[name]; // as it was before its own toJSON
  return bytes instanceof Uint8Array ? { base64: Buffer.from(bytes).toString("base64") } : value;
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await fulfil(JSON.parse(line, revived)), plain));
}
