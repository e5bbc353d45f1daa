// Where the servers are; the pytest test that runs these files starts them.
const needed = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run these tests with pytest`);
  return value;
};

export const SCRIPTED = needed("SCRIPTED_URL");
export const COMMAND = needed("COMMAND_URL");
export const PROVIDERS = needed("PROVIDERS_URL");

export const said = (content) => [{ role: "user", content }];
