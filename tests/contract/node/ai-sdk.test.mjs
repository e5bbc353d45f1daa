// The Vercel AI SDK against the real servers: its OpenAI provider, on both of OpenAI's APIs, and its compatible one.
import assert from "node:assert/strict";
import { test } from "node:test";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import {
  APICallError,
  embed,
  embedMany,
  generateObject,
  generateText,
  isStepCount,
  Output,
  streamObject,
  streamText,
  tool,
} from "ai";
import { z } from "zod";
import { COMMAND, PROVIDERS, SCRIPTED } from "./addresses.mjs";

const own = (baseURL) => createOpenAI({ baseURL, apiKey: "any" });
const compatible = (baseURL) =>
  createOpenAICompatible({
    name: "alive",
    baseURL,
    apiKey: "any",
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
const WAYS = {
  "openai, chat": (baseURL) => own(baseURL).chat("chat"),
  "openai, responses": (baseURL) => own(baseURL).responses("chat"),
  "openai-compatible": (baseURL) => compatible(baseURL)("chat"),
};
const Place = z.object({ name: z.enum(["Pico", "Etna"]), is_high: z.boolean() });
const look = (at) =>
  tool({ description: "Looks.", inputSchema: z.object({ at: z.string() }), execute: async (input) => `${input.at} ${at}` });

for (const [way, model] of Object.entries(WAYS)) {
  test(`${way}: generateText`, async () => {
    for (const url of [SCRIPTED, COMMAND]) {
      const answer = await generateText({ model: model(url), prompt: "Hello!", temperature: 0, maxRetries: 0 });
      assert.match(answer.text, /^Hello/);
      assert.equal(answer.finishReason, "stop");
      assert.ok(answer.usage.inputTokens > 0 && answer.usage.outputTokens > 0);
    }
  });

  test(`${way}: streamText`, async () => {
    for (const url of [SCRIPTED, COMMAND]) {
      const answer = streamText({ model: model(url), prompt: "Hello!", temperature: 0, maxRetries: 0 });
      let text = "";
      for await (const piece of answer.textStream) text += piece;
      assert.match(text, /^Hello/);
      assert.equal(await answer.finishReason, "stop");
      assert.ok((await answer.usage).outputTokens > 0);
    }
  });

  test(`${way}: tools in several steps`, async () => {
    const answer = await generateText({
      model: model(SCRIPTED),
      prompt: 'Let me see.\n/call look {"at": "the sea"}',
      tools: { look: look("is green") },
      stopWhen: isStepCount(3),
      maxRetries: 0,
    });
    assert.equal(answer.steps.length, 2);
    assert.deepEqual(answer.steps[0].toolCalls.map((call) => [call.toolName, call.input]), [
      ["look", { at: "the sea" }],
    ]);
    assert.match(answer.text, /the sea is green/);
  });

  test(`${way}: tools while it streams`, async () => {
    const answer = streamText({
      model: model(SCRIPTED),
      prompt: '/call look {"at": "the sea"}\n/call look {"at": "the sky"}',
      tools: { look: look("is wide") },
      stopWhen: isStepCount(1),
      maxRetries: 0,
    });
    const kinds = [];
    for await (const part of answer.fullStream) kinds.push(part.type);
    assert.ok(!kinds.includes("error"), kinds.join());
    assert.deepEqual((await answer.toolCalls).map((call) => call.input.at), ["the sea", "the sky"]);
    assert.equal(await answer.finishReason, "tool-calls");
  });

  test(`${way}: a required tool`, async () => {
    const answer = await generateText({
      model: model(COMMAND),
      prompt: "Name a mountain.",
      tools: { place: tool({ inputSchema: Place }) },
      toolChoice: "required",
      temperature: 0,
      maxOutputTokens: 200,
      maxRetries: 0,
    });
    assert.ok(answer.toolCalls.length > 0);
    for (const call of answer.toolCalls) Place.parse(call.input);
  });

  test(`${way}: generateObject and streamObject`, async () => {
    const body = {
      model: model(COMMAND),
      schema: Place,
      prompt: "Name a mountain.",
      temperature: 0,
      maxOutputTokens: 200,
      maxRetries: 0,
    };
    Place.parse((await generateObject(body)).object);
    const streamed = streamObject(body);
    for await (const _ of streamed.partialObjectStream);
    Place.parse(await streamed.object);
    const { schema, ...rest } = body;
    Place.parse((await generateText({ ...rest, output: Output.object({ schema }) })).output);
    const told = await generateObject({ ...body, model: model(SCRIPTED), prompt: '{"name": "Pico", "is_high": true}' });
    assert.deepEqual(told.object, { name: "Pico", is_high: true });
  });

  test(`${way}: errors keep their status and sentence`, async () => {
    const prompt = '/fail {"kind": "rate_limit_exceeded", "message": "Slow down.", "retry_after": 2}';
    await assert.rejects(generateText({ model: model(SCRIPTED), prompt, maxRetries: 0 }), (error) => {
      assert.ok(APICallError.isInstance(error), String(error));
      assert.equal(error.statusCode, 429);
      assert.equal(error.message, "Slow down.");
      assert.equal(error.responseHeaders["retry-after"], "2");
      assert.ok(error.isRetryable);
      return true;
    });
  });

  test(`${way}: a stream that breaks is an error`, async () => {
    const answer = streamText({
      model: model(SCRIPTED),
      prompt: 'half an\n/fail {"kind": "engine_crashed", "message": "It ended."}',
      maxRetries: 0,
      onError: () => {},
    });
    const kinds = [];
    for await (const part of answer.fullStream) kinds.push(part.type);
    assert.ok(kinds.includes("error"), kinds.join());
    assert.ok(!kinds.includes("finish") || (await answer.finishReason) !== "stop", kinds.join());
  });
}

for (const [way, model] of Object.entries({
  openai: (baseURL) => own(baseURL).embedding("embed"),
  "openai-compatible": (baseURL) => compatible(baseURL).embeddingModel("embed"),
})) {
  test(`${way}: embed and embedMany`, async () => {
    const one = await embed({ model: model(PROVIDERS), value: "a text", maxRetries: 0 });
    assert.equal(one.embedding.length, 384);
    assert.ok(one.usage.tokens > 0);
    const many = await embedMany({ model: model(SCRIPTED), values: ["/vector 0.5 -0.25", "b", "c"], maxRetries: 0 });
    assert.deepEqual(many.embeddings[0], [0.5, -0.25]);
    assert.deepEqual(many.embeddings.map((vector) => vector.length), [2, 8, 8]);
  });
}
