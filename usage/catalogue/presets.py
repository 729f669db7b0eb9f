"""Catalogues to begin with. Nothing of them is in the catalogue until operators or support staff add it."""

from usage.catalogue.new_products import NewLineItem, NewProduct
from usage.enums import UsageField


def build_tokens(*, is_output: bool, price: str, prices: dict[str, str]) -> NewLineItem:
    direction = "output" if is_output else "input"
    return NewLineItem(
        code=f"{direction}_tokens",
        name=f"{direction.capitalize()} tokens",
        unit="token",
        counts_requests=is_output,
        reported_as=(UsageField.COMPLETIONS_OUTPUT if is_output else UsageField.COMPLETIONS_INPUT),
        price=price,
        prices=prices,
    )


def build_hours(code: str, name: str, unit: str, price: str, **prices: str) -> NewLineItem:
    by_model = {model.replace("_", "-"): text for model, text in prices.items()}
    return NewLineItem(code=code, name=name, unit=unit, price=price, prices=by_model)


TOKENS = [
    build_tokens(
        is_output=False,
        price="0.00000088",
        prices={"llama-3.1-8b": "0.00000018", "deepseek-r1": "0.000003"},
    ),
    build_tokens(
        is_output=True,
        price="0.00000088",
        prices={"llama-3.1-8b": "0.00000018", "deepseek-r1": "0.000007"},
    ),
    # Classes of tokens that are billed apart: a token belongs to one of them. Reasoning tokens are part
    # of the output and billed there, so their own price is 0.
    NewLineItem(
        code="cached_input_tokens",
        name="Cached input tokens",
        unit="token",
        reported_as=UsageField.COMPLETIONS_CACHED_INPUT,
        price="0.00000044",
        prices={"llama-3.1-8b": "0.00000009", "deepseek-r1": "0.0000015"},
    ),
    NewLineItem(
        code="cache_write_tokens",
        name="Cache write tokens",
        unit="token",
        reported_as=UsageField.COMPLETIONS_INPUT,
        price="0.0000011",
        prices={"llama-3.1-8b": "0.000000225", "deepseek-r1": "0.00000375"},
    ),
    NewLineItem(code="reasoning_tokens", name="Reasoning tokens", unit="token", price="0"),
]
PLAYGROUND_TOKENS = [
    build_tokens(is_output=is_output, price="0.00000088", prices={}) for is_output in (False, True)
]
STORAGE = [build_hours("gb_hours", "GB-hours", "gb-hour", "0.000137")]
TRAINED_TOKENS = NewLineItem(
    code="trained_tokens", name="Trained tokens", unit="token", price="0.00000048"
)
EVALUATED_TOKENS = NewLineItem(
    code="judged_tokens", name="Judged tokens", unit="token", price="0.0000006"
)
SESSIONS = NewLineItem(
    code="sessions",
    name="Sessions",
    unit="session",
    counts_requests=True,
    reported_as=UsageField.SESSIONS,
    price="0.03",
)
GPU_HOURS = ("gpu_hours", "GPU hours", "gpu-hour")
INFERENCE_PLATFORM = [
    NewProduct(
        code="instant-clusters",
        name="Instant Clusters",
        description="GPU clusters by the hour",
        multi_project=True,
        line_items=[build_hours(*GPU_HOURS, "2.99", h200_sxm="3.79", b200_sxm="5.5")],
    ),
    NewProduct(
        code="dedicated-endpoints",
        name="Dedicated Endpoints",
        description="Models on GPUs of your own",
        line_items=[build_hours(*GPU_HOURS, "3.36")],
    ),
    NewProduct(
        code="volumes",
        name="Volumes",
        description="Storage that clusters share",
        line_items=STORAGE,
    ),
    NewProduct(
        code="fine-tuned-models",
        name="Fine-tuned Models",
        description="Training models on your data",
        line_items=[TRAINED_TOKENS],
    ),
    NewProduct(
        code="evaluations",
        name="Evaluations",
        description="Judging the answers of models",
        line_items=[EVALUATED_TOKENS],
    ),
    NewProduct(
        code="files", name="Files", description="Uploaded data sets and results", line_items=STORAGE
    ),
    NewProduct(
        code="serverless-inference",
        name="Serverless inference",
        description="Models by the token",
        multi_project=True,
        line_items=TOKENS,
    ),
    NewProduct(
        code="playground",
        name="Playground",
        description="Trying models in the browser",
        playground=True,
        line_items=PLAYGROUND_TOKENS,
    ),
    NewProduct(
        code="code-interpreter",
        name="Code interpreter",
        description="Running code in sandboxes",
        multi_project=True,
        line_items=[SESSIONS],
    ),
]
REQUESTS = NewLineItem(
    code="requests", name="Requests", unit="request", counts_requests=True, price="0.001"
)
METERED_API = [
    NewProduct(
        code="api",
        name="API",
        description="Requests to an API",
        multi_project=True,
        line_items=[REQUESTS],
    )
]
PRESETS = {"inference-platform": INFERENCE_PLATFORM, "metered-api": METERED_API}
PRESET_PRODUCTS = {product.code: product for products in PRESETS.values() for product in products}
