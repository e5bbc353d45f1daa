// The official JavaScript client against the real servers.
import assert from "node:assert/strict";
import { test } from "node:test";
import OpenAI from "openai";
import { zodResponseFormat, zodFunction } from "openai/helpers/zod";
import { z } from "zod";
import { COMMAND, PROVIDERS, SCRIPTED, said } from "./addresses.mjs";

const client = (baseURL, more = {}) => new OpenAI({ baseURL, apiKey: "any", maxRetries: 0, ...more });
const scripted = client(SCRIPTED);
const command = client(COMMAND);
const providers = client(PROVIDERS);
const Place = z.object({ name: z.enum(["Pico", "Etna"]), is_high: z.boolean() });

test("a plain answer", async () => {
  for (const openai of [scripted, command]) {
    const { data, response, request_id } = await openai.chat.completions
      .create({ model: "chat", messages: said("Hello!"), temperature: 0 })
      .withResponse();
    assert.equal(data.object, "chat.completion");
    assert.match(data.choices[0].message.content, /^Hello/);
    assert.equal(data.choices[0].finish_reason, "stop");
    assert.equal(data.usage.total_tokens, data.usage.prompt_tokens + data.usage.completion_tokens);
    assert.equal(request_id, response.headers.get("x-request-id"));
  }
});

test("a stream is the whole answer in pieces", async () => {
  for (const openai of [scripted, command]) {
    const body = { model: "chat", messages: said("Hello!"), temperature: 0 };
    const whole = await openai.chat.completions.create(body);
    const stream = await openai.chat.completions.create({
      ...body,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = "";
    let last;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? "";
      last = chunk;
    }
    assert.equal(text, whole.choices[0].message.content);
    assert.deepEqual(last.choices, []);
    assert.equal(last.usage.completion_tokens, whole.usage.completion_tokens);
  }
});

test("the stream helper gathers text and tool calls", async () => {
  const script = 'Wait.\n/call look {"at": "the sea"}\n/call wave {}';
  const runner = scripted.chat.completions.stream({ model: "chat", messages: said(script) });
  const message = await runner.finalMessage();
  assert.equal(message.content, "Wait.");
  assert.deepEqual(
    message.tool_calls.map((call) => [call.type, call.function.name, JSON.parse(call.function.arguments)]),
    [
      ["function", "look", { at: "the sea" }],
      ["function", "wave", {}],
    ],
  );
});

test("a schema is enforced and parsed, whole and streamed", async () => {
  const body = {
    model: "chat",
    messages: said("Name a mountain."),
    response_format: zodResponseFormat(Place, "place"),
    max_tokens: 200,
    temperature: 0,
  };
  const whole = await command.chat.completions.parse(body);
  Place.parse(whole.choices[0].message.parsed);
  const streamed = await command.chat.completions.stream(body).finalChatCompletion();
  Place.parse(streamed.choices[0].message.parsed);
});

test("a strict tool is called and its arguments parsed", async () => {
  const answer = await command.chat.completions.parse({
    model: "chat",
    messages: said("Name a mountain."),
    tools: [zodFunction({ name: "place", parameters: Place })],
    tool_choice: "required",
    max_tokens: 200,
    temperature: 0,
  });
  Place.parse(answer.choices[0].message.tool_calls[0].function.parsed_arguments);
});

test("a program that runs tools gets to its end", async () => {
  const runner = scripted.chat.completions.runTools({
    model: "chat",
    messages: said('/call look {"at": "it"}'),
    tools: [
      {
        type: "function",
        function: {
          name: "look",
          parameters: { type: "object", properties: { at: { type: "string" } } },
          parse: JSON.parse,
          function: ({ at }) => `${at} is green`,
        },
      },
    ],
  });
  assert.equal(await runner.finalContent(), "it is green");
});

test("vectors, which the client asks for as base64", async () => {
  const answer = await providers.embeddings.create({ model: "embed", input: ["one", "two"] });
  assert.deepEqual(answer.data.map((item) => item.embedding.length), [384, 384]);
  const own = await scripted.embeddings.create({ model: "embed", input: "/vector 0.5 -0.25" });
  assert.deepEqual([...own.data[0].embedding], [0.5, -0.25]);
});

test("models are listed page by page", async () => {
  for (const openai of [scripted, command, providers]) {
    const names = [];
    for await (const model of openai.models.list()) names.push(model.id);
    assert.ok(names.length > 0);
    assert.equal((await openai.models.retrieve(names[0])).id, names[0]);
  }
});

test("errors are the classes their users catch", async () => {
  const cases = [
    ["InvalidRequest", OpenAI.BadRequestError],
    ["Unauthorized", OpenAI.AuthenticationError],
    ["Forbidden", OpenAI.PermissionDeniedError],
    ["ModelNotFound", OpenAI.NotFoundError],
    ["RateLimited", OpenAI.RateLimitError],
    ["EngineCrashed", OpenAI.InternalServerError],
  ];
  for (const [kind, expected] of cases) {
    const script = `/fail ${JSON.stringify({ kind, message: "It went wrong." })}`;
    await assert.rejects(scripted.chat.completions.create({ model: "chat", messages: said(script) }), (error) => {
      assert.ok(error instanceof expected, `${kind} became ${error.constructor.name}`);
      assert.match(error.message, /It went wrong/);
      return true;
    });
  }
});

test("a refused request is tried again when it was told to", async () => {
  const script = '/fail {"kind": "queue_full", "retry_after": 1, "times": 1}\nwelcome, JavaScript';
  const began = performance.now();
  const answer = await client(SCRIPTED, { maxRetries: 1 }).chat.completions.create({
    model: "chat",
    messages: said(script),
  });
  assert.equal(answer.choices[0].message.content, "welcome, JavaScript");
  assert.ok(performance.now() - began >= 1000);
});

test("a stream that breaks throws", async () => {
  const script = 'half an\n/fail {"kind": "engine_crashed", "message": "It ended."}';
  const stream = await scripted.chat.completions.create({ model: "chat", messages: said(script), stream: true });
  let text = "";
  await assert.rejects(
    async () => {
      for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? "";
    },
    (error) => error.code === "engine_crashed",
  );
  assert.equal(text, "half an");
});

test("leaving a stream frees its place", async () => {
  for (let time = 0; time < 3; time++) {
    const stream = await scripted.chat.completions.create({
      model: "queue",
      messages: said("a\n/wait"),
      stream: true,
    });
    for await (const _ of stream) break;
  }
  const answer = await scripted.chat.completions.create(
    { model: "queue", messages: said("free") },
    { timeout: 5000 },
  );
  assert.equal(answer.choices[0].message.content, "free");
});

test("responses, whole and streamed", async () => {
  for (const openai of [scripted, command]) {
    const body = { model: "chat", input: "Hello!", temperature: 0, store: false };
    const whole = await openai.responses.create(body);
    assert.match(whole.output_text, /^Hello/);
    const final = await openai.responses.stream(body).finalResponse();
    assert.equal(final.output_text, whole.output_text);
  }
});
